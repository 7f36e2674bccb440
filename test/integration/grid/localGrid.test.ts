import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOf, keptOf } from '../../../src/base/child/kept.js';
import { processMark } from '../../../src/base/child/processMark.js';
import { until } from '../../../src/base/waiting.js';
import { isFinal, type JobId, type JobIntent, type JobState } from '../../../src/grid/grid.js';
import { LocalGrid, type LocalSite, localSites } from '../../../src/grid/local/localGrid.js';
import { type GridRig, gridBehaviour } from './gridBehaviour.js';

const plainSites = [
  { name: 'north', slots: 3 },
  { name: 'south', slots: 1 },
];

/** Stays as a parent between the wrapper and the job, as the worst of such commands do. */
const enter = ['sh', '-c', 'ENTERED="$1"; export ENTERED; shift; "$@"; exit $?', 'enter', 'a wall'];

async function localRig(sites: readonly LocalSite[] = plainSites): Promise<GridRig> {
  const shared = await mkdtemp(join(tmpdir(), 'sitespan local "grid" $HOME '));
  // A cluster's name is a person's, and part of the path.
  const options = { folder: join(shared, "it's; a\n`cluster`"), sites, killGraceMs: 500 };
  const grid = new LocalGrid(options);
  return {
    grid,
    ...{ site: 'north', otherSite: 'south', shared, patienceMs: 8000, showsRunningOutput: true },
    reopened: () => new LocalGrid(options),
    dispose: async () => {
      const last = new LocalGrid(options);
      const jobs = await readdir(join(options.folder, 'jobs')).catch(() => []);
      await last.kill(jobs);
      await rm(shared, { recursive: true, force: true });
    },
  };
}

gridBehaviour('LocalGrid', () => localRig());
gridBehaviour('LocalGrid with sites that are entered by a command', () =>
  localRig(plainSites.map((site) => ({ ...site, enter }))),
);

describe('LocalGrid', () => {
  let rig: GridRig;
  let sandbox: string;
  let folder: string;

  beforeEach(async () => {
    rig = await localRig();
    folder = join(rig.shared, "it's; a\n`cluster`");
    sandbox = join(rig.shared, 'sandbox');
    await mkdir(sandbox);
  });
  afterEach(() => rig.dispose());

  const intent = async (script: string, changes: Partial<JobIntent> = {}): Promise<JobIntent> => {
    await writeFile(join(sandbox, 'start.sh'), `#!/bin/sh\n${script}\n`);
    return {
      ...{ mark: 'local', sites: ['south'], count: 1, cores: 1, memoryMb: 0, walltimeSeconds: 600, sandbox },
      ...{ executable: 'start.sh', environment: { SHARED: rig.shared } },
      ...changes,
    };
  };

  const untilEnded = async (jobs: readonly JobId[]): Promise<readonly JobState[]> => {
    let states = await rig.grid.watch(jobs);
    await until(
      async () => {
        states = await rig.grid.watch(jobs);
        return states.every((state) => isFinal(state.phase));
      },
      { timeoutMs: 8000, what: 'The end of the jobs' },
    );
    return states;
  };

  const phases = async (jobs: readonly JobId[]): Promise<readonly string[]> =>
    (await rig.grid.watch(jobs)).map((state) => state.phase);

  it('shares the cores between two sites, and has one slot at each on the smallest computer', () => {
    assert.deepEqual(localSites(5), [
      { name: 'north', slots: 3 },
      { name: 'south', slots: 2 },
    ]);
    assert.deepEqual(
      localSites(1).map((site) => site.slots),
      [1, 1],
    );
  });

  it('ends a job at its walltime, though nobody watches and it does not listen', async () => {
    const script = 'trap "" TERM; echo $$ > "$SHARED/pid"; while :; do sleep 0.1; done';
    const jobs = await rig.grid.submit(await intent(script, { walltimeSeconds: 1 }));
    // The folder itself: asking the grid would be watching.
    const exit = join(folder, 'jobs', String(jobs[0]), 'exit');
    const exited = (): Promise<string> => readFile(exit, 'utf8').catch(() => '');
    await until(async () => (await exited()) !== '', { timeoutMs: 8000, what: 'The end of the job' });
    const pid = Number(await readFile(join(rig.shared, 'pid'), 'utf8'));
    await until(async () => (await processMark(pid)) === undefined, {
      timeoutMs: 2000,
      what: 'The end of its process',
    });
  });

  it('says that it was the walltime', async () => {
    const jobs = await rig.grid.submit(await intent('sleep 600', { walltimeSeconds: 1 }));
    const [state] = await untilEnded(jobs);
    assert.equal(state?.phase, 'failed');
    assert.match(state?.gridWords ?? '', /walltime of 1 s/);
  });

  it('runs no more cores than a site has slots, and starts what waits in the order of submission', async () => {
    const order = 'echo $SITESPAN_JOB >> "$SHARED/order"; until [ -e "$SHARED/go-$SITESPAN_JOB" ]; do sleep 0.02; done';
    const [first, second, third] = await rig.grid.submit(await intent(order, { count: 3 }));
    assert.ok(first && second && third);
    assert.deepEqual(await phases([first, second, third]), ['running', 'waiting', 'waiting']);
    await writeFile(join(rig.shared, `go-${first}`), '');
    await untilEnded([first]);
    assert.deepEqual(await phases([second, third]), ['running', 'waiting']);
    await writeFile(join(rig.shared, `go-${second}`), '');
    await writeFile(join(rig.shared, `go-${third}`), '');
    await untilEnded([second, third]);
    assert.equal(await readFile(join(rig.shared, 'order'), 'utf8'), `${first}\n${second}\n${third}\n`);
  });

  it('counts a job of several cores as several, and lets nothing pass it at its site', async () => {
    const hold = 'until [ -e "$SHARED/go" ]; do sleep 0.02; done';
    const one = await rig.grid.submit(await intent(hold, { sites: ['north'] }));
    const large = await rig.grid.submit(await intent(hold, { sites: ['north'], cores: 3 }));
    const small = await rig.grid.submit(await intent(hold, { sites: ['north'] }));
    const elsewhere = await rig.grid.submit(await intent(hold, { sites: ['south'] }));
    assert.deepEqual(await phases([...one, ...large, ...small, ...elsewhere]), [
      'running',
      'waiting',
      'waiting',
      'running',
    ]);
    await writeFile(join(rig.shared, 'go'), '');
    const states = await untilEnded([...one, ...large, ...small, ...elsewhere]);
    assert.ok(states.every((state) => state.phase === 'done'));
  });

  it('sends a job that may run anywhere to where there is room', async () => {
    const jobs = await rig.grid.submit(await intent('sleep 600', { sites: [], count: 4 }));
    const states = await rig.grid.watch(jobs);
    assert.deepEqual(states.map((state) => state.site).sort(), ['north', 'north', 'north', 'south']);
  });

  it('refuses a job that fits nowhere', async () => {
    await assert.rejects(rig.grid.submit(await intent('exit 0', { cores: 2 })), { code: 'job-too-large' });
  });

  it('never starts a job that was killed while it waited', async () => {
    const jobs = await rig.grid.submit(
      await intent('echo $SITESPAN_JOB >> "$SHARED/ran"', { count: 1, sites: ['north'] }),
    );
    const holding = await rig.grid.submit(await intent('sleep 600'));
    const waiting = await rig.grid.submit(await intent('echo $SITESPAN_JOB >> "$SHARED/ran"'));
    await untilEnded(jobs);
    await rig.grid.kill(waiting);
    await rig.grid.kill(holding);
    assert.deepEqual(await phases([...holding, ...waiting]), ['killed', 'killed']);
    assert.equal(await readFile(join(rig.shared, 'ran'), 'utf8'), `${jobs[0]}\n`);
  });

  it('gives a job little of our environment, a folder with nothing but the sandbox, and its id, site and end', async () => {
    process.env['SITESPAN_TEST_SECRET'] = 'not for jobs';
    try {
      const jobs = await rig.grid.submit(await intent('ls -A; env'));
      await untilEnded(jobs);
      const { text } = await rig.grid.output(String(jobs[0]));
      const lines = text.trim().split('\n');
      const names = lines.flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
      assert.equal(lines[0], 'start.sh');
      assert.deepEqual(names.filter((name) => !['_', 'SHLVL'].includes(name)).sort(), [
        ...['HOME', 'LANG', 'PATH', 'PWD', 'SHARED', 'SITESPAN_JOB', 'SITESPAN_JOB_ENDS', 'SITESPAN_SITE', 'TMPDIR'],
      ]);
      assert.ok(lines.includes(`SITESPAN_JOB=${jobs[0]}`) && lines.includes('SITESPAN_SITE=south'));
      const ends = Number(/^SITESPAN_JOB_ENDS=(\d+)$/m.exec(text)?.[1]);
      assert.ok(ends > Date.now() / 1000, 'it may still run');
    } finally {
      delete process.env['SITESPAN_TEST_SECRET'];
    }
  });

  it("starts a job by its site's command, word for word, and another site's without it", async () => {
    const walled = new LocalGrid({
      folder: join(rig.shared, 'walled'),
      sites: [
        { name: 'north', slots: 1, enter },
        { name: 'south', slots: 1 },
      ],
    });
    const said = async (site: string): Promise<string> => {
      const jobs = await walled.submit(await intent('echo "entered: $ENTERED"', { sites: [site] }));
      await until(async () => (await walled.watch(jobs)).every((state) => isFinal(state.phase)), {
        timeoutMs: 8000,
        what: 'The end of the job',
      });
      return (await walled.output(String(jobs[0]))).text;
    };
    assert.equal(await said('north'), 'entered: a wall\n');
    assert.equal(await said('south'), 'entered: \n');
  });

  it('reports a job whose site cannot be entered', async () => {
    const sites = [{ name: 'south', slots: 1, enter: ['no-such-command'] }];
    const shut = new LocalGrid({ folder: join(rig.shared, 'shut'), sites });
    const jobs = await shut.submit(await intent('exit 0'));
    await until(async () => (await shut.watch(jobs)).every((state) => isFinal(state.phase)), {
      timeoutMs: 8000,
      what: 'The end of the job',
    });
    assert.equal((await shut.watch(jobs))[0]?.exitCode, 127);
    assert.match((await shut.output(String(jobs[0]))).text, /no-such-command/);
  });

  it('reports a job that cannot be run, and goes on', async () => {
    await writeFile(join(sandbox, 'broken'), '#!/no/such/interpreter\n');
    const broken = await rig.grid.submit(await intent('exit 0', { executable: 'broken' }));
    const good = await rig.grid.submit(await intent('exit 0'));
    assert.deepEqual(
      (await untilEnded([...broken, ...good])).map((state) => state.phase),
      ['failed', 'done'],
    );
  });

  it('refuses an executable that the sandbox does not hold', async () => {
    await assert.rejects(rig.grid.submit(await intent('exit 0', { executable: 'absent.sh' })), {
      code: 'intent-invalid',
      message: /absent\.sh/,
    });
  });

  it('does not take a half-made folder for a job, and clears it away', async () => {
    await mkdir(join(folder, 'jobs', '.new-1'), { recursive: true });
    await writeFile(join(folder, 'jobs', '.new-1', 'job.json'), '{"mark": "local"');
    assert.deepEqual(await rig.grid.find('local'), []);
    const jobs = await rig.grid.submit(await intent('exit 0'));
    assert.deepEqual(await rig.grid.find('local'), jobs);
    assert.deepEqual(await readdir(join(folder, 'jobs')), [...jobs]);
  });

  it('finishes a killing that the one who began it did not live to finish', async () => {
    const jobs = await rig.grid.submit(await intent('trap "" TERM; while :; do sleep 0.05; done'));
    await writeFile(join(folder, 'jobs', String(jobs[0]), 'killed'), '');
    assert.equal((await untilEnded(jobs))[0]?.phase, 'killed');
  });

  it('starts a job that somebody noted down as started and was killed before it ran', async () => {
    const jobs = await rig.grid.submit(await intent('until [ -e "$SHARED/go" ]; do sleep 0.02; done'));
    const job = join(folder, 'jobs', String(jobs[0]));
    const kept = await keptOf(job);
    assert.ok(kept);
    await until(async () => (await readdir(job)).includes('begun'), { timeoutMs: 60_000, what: 'The first start' });
    process.kill(-kept.mark.pid, 'SIGKILL');
    await until(async () => (await exitOf(job)) !== undefined, { timeoutMs: 60_000, what: 'Its end' });
    // As it looks when the shell around got no program.
    await rm(join(job, 'begun'));
    await writeFile(join(rig.shared, 'go'), '');
    assert.deepEqual(
      (await untilEnded(jobs)).map(({ phase, exitCode }) => [phase, exitCode]),
      [['done', 0]],
    );
  });

  it('keeps jobs and their exit codes through a KILL of the process that submitted them', async () => {
    const job = await intent('until [ -e "$SHARED/go" ]; do sleep 0.02; done; exit 5');
    const submitter = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'submitAndHang.ts')], {
      env: { ...process.env, GRID: JSON.stringify({ folder, sites: plainSites }), INTENT: JSON.stringify(job) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(submitter.stdout, 'data');
    submitter.kill('SIGKILL');
    await once(submitter, 'exit');
    const jobs = await rig.grid.find(job.mark);
    assert.equal(jobs.length, 1);
    assert.deepEqual(await phases(jobs), ['running']);
    await writeFile(join(rig.shared, 'go'), '');
    assert.equal((await untilEnded(jobs))[0]?.exitCode, 5);
  });
});
