import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endKept, keptOf } from '../base/child/kept.js';
import { runLeashed } from '../base/child/leashed.js';
import { SitespanError } from '../base/errors.js';
import { privateFolder } from '../base/privateFolder.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { pythonEnvironment } from '../environment/childEnvironment.js';
import { Identities } from '../keeper/identities.js';
import { newUserKey, OwnRelay } from '../keeper/ownRelay.js';
import { positive } from './arguments.js';
import { descendantRelayPid } from './relayPid.js';
import { type TransportCase, type TransportMeasure, transportCases, transportMeasure } from './transportMeasure.js';
import { reportOf } from './transportReport.js';

const help = `sitespan bench transport [OPTIONS]

Measures, in interleaved rounds of one run, what a task, a gigabyte, a round trip and a connect cost over the relay
(with and without resumption) and over distributed's own tcp and tls, on this computer.

  --rounds N       3
  --tasks N        no-op tasks a round (5000)
  --workers N      real workers (20)
  --gigabytes X    moved one way a round (1)
  --python PATH    an interpreter with distributed (.venv/bin/python)
  --json FILE      every number of every round, too
`;

const caseMs = 300_000;
const trips = 3000;
const connects = 100;
const endGraceMs = 3000;

/** `sitespan bench transport`. @returns the exit code */
export async function runTransportBench(argv: readonly string[]): Promise<number> {
  const bundle = dirname(resolve(process.argv[1] ?? ''));
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h' },
      rounds: { type: 'string', default: '3' },
      tasks: { type: 'string', default: '5000' },
      workers: { type: 'string', default: '20' },
      gigabytes: { type: 'string', default: '1' },
      python: { type: 'string', default: join(dirname(bundle), '.venv', 'bin', 'python') },
      json: { type: 'string' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const gigabytes = Number(values.gigabytes);
  if (!(gigabytes > 0)) {
    throw new SitespanError('usage', `--gigabytes must be a number above 0, not ${values.gigabytes}.`);
  }
  const rounds = positive('--rounds', values.rounds);
  const amounts = [
    ...['--tasks', String(positive('--tasks', values.tasks))],
    ...['--workers', String(positive('--workers', values.workers))],
    ...['--gigabytes', String(gigabytes)],
    ...['--trips', String(trips), '--connects', String(connects)],
  ];
  const folder = await mkdtemp(join(tmpdir(), 'sitespan-bench-'));
  const relay = await startRelay(folder, join(bundle, 'cli.mjs'), Number(values.workers));
  const measured: Record<TransportCase, TransportMeasure[]> = { relay: [], 'relay-once': [], tls: [], tcp: [] };
  try {
    for (let round = 1; round <= rounds; round++) {
      // Another order each round, so that none always runs when the machine is warm.
      for (const name of rotated(transportCases, round - 1)) {
        process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
        measured[name].push(
          await measure(name, { folder, bundle, python: values.python, amounts, relayPid: relay.pid }),
        );
      }
    }
  } finally {
    await relay.end();
    await rm(folder, { recursive: true, force: true });
  }
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, load ${loadavg()[0]?.toFixed(1) ?? '?'} at the end`;
  const command = `sitespan bench transport ${argv.join(' ')}`.trim();
  for (const line of reportOf(measured, { machine, command, date: new Date().toISOString().slice(0, 10) })) {
    process.stdout.write(`${line}\n`);
  }
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ machine, command, measured }, null, 1));
  return 0;
}

interface CaseOptions {
  readonly folder: string;
  readonly bundle: string;
  readonly python: string;
  readonly amounts: readonly string[];
  readonly relayPid: number;
}

async function measure(name: TransportCase, options: CaseOptions): Promise<TransportMeasure> {
  const { folder, bundle, python, amounts, relayPid } = options;
  const run = await runLeashed({
    command: python,
    args: ['-m', 'sitespan.bench.transport', name, folder, '--relay-pid', String(relayPid), ...amounts],
    env: pythonEnvironment(join(bundle, 'python')),
    timeoutMs: caseMs,
  });
  if (run.exitCode === 0) return transportMeasure.parse(JSON.parse(run.stdout.trim().split('\n').at(-1) ?? ''));
  throw new SitespanError(
    'bench-failed',
    `The case ${name} could not be measured: ${run.stderr.trim().split('\n').at(-1) ?? ''}`,
  );
}

/** A relay of the bench's own, and identities for all ends. */
async function startRelay(folder: string, program: string, workers: number) {
  const authority = ClusterAuthority.create();
  const userKey = newUserKey();
  await privateFolder(folder);
  const place = join(folder, 'relay');
  const relay = new OwnRelay({ folder: place, program, host: '127.0.0.1', tenant: 'bench', userKey, authority });
  const address = await relay.start(0);
  const identities = new Identities(authority, address, 'bench', 'bench', userKey);
  const subjects = Array.from({ length: workers }, (_, index) => `bench-${index + 1}`);
  for (const [role, subject] of [
    ['scheduler', 'scheduler'],
    ['client', 'client'],
    ...subjects.map((name) => ['worker', name] as const),
  ] as const) {
    await writeAtomically(join(folder, `${subject}.json`), JSON.stringify(identities.issue(role, subject)));
  }
  const pid = await descendantRelayPid((await keptOf(place))?.mark.pid ?? 0);
  return { pid, end: () => endKept(place, { graceMs: endGraceMs }) };
}

function rotated<T>(all: readonly T[], by: number): T[] {
  return all.map((_, index) => all[(index + by) % all.length]).flatMap((one) => (one === undefined ? [] : [one]));
}
