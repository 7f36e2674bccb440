// `npm test`: makes what is missing, then lint, unit tests, and two at a time those of real processes; the last line counts them all.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install as installDirac } from '../test/rigs/dirac/install.mjs';
import { install as installVsCode } from '../test/rigs/vscode/install.mjs';
import { Failure, runMain } from './failure.mjs';
import { python, root } from './paths.mjs';
import { run } from './run.mjs';
import { requireNode, setup } from './setup.mjs';
import { requireSystemTools } from './systemTools.mjs';

const usage = 'usage: node scripts/test.mjs [--unit] [--python] [--integration] [--dirac] [--vscode] [--only PATTERN]';
const minuteMs = 60_000;
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');

const none = { passed: 0, failed: 0, skipped: 0 };

/** Real processes on a busy machine get time, and one more try; the reporter names those that needed it. */
const realProcesses = ['--timeout', '180000', '--retries', '1'];

/**
 * In the order in which they begin; those that mostly wait for processes run two at a time, and drawing a window, of which
 * there are two at a time in `vscode`, takes a machine of its own. A phase that fails with no test to blame counts as one failed test, so that the last line shows it.
 */
const phases = [
  {
    name: 'lint',
    alone: true,
    limitMs: 8 * minuteMs,
    command: () => ['npm', ['run', '--silent', 'lint']],
  },
  { ...mochaPhase('unit', 8 * minuteMs), alone: true },
  mochaPhase('integration', 40 * minuteMs, {
    more: [
      ...realProcesses,
      ...['--require', 'test/rigs/security/wholeSuite.ts', '--ignore', 'test/integration/dirac/**'],
    ],
  }),
  {
    name: 'python',
    limitMs: 20 * minuteMs,
    cwd: join(root, 'python'),
    env: { PYTHONPATH: join(root, 'python', 'src') },
    command: (file, only) => [
      python,
      [
        '-m',
        'pytest',
        '-q',
        `--junitxml=${file}`,
        ...(only === undefined ? [] : ['-k', only.split(/\W+/).join(' and ')]),
      ],
    ],
    counts: pytestCounts,
    nothingMatched: 5,
    again: (file) => [python, ['-m', 'pytest', '-q', '--last-failed', `--junitxml=${file}`]],
  },
  {
    ...mochaPhase('dirac', 20 * minuteMs, {
      more: realProcesses,
      parallel: true,
      folder: 'integration/dirac',
    }),
    prepare: installDirac,
  },
  {
    ...mochaPhase('vscode', 30 * minuteMs, {
      more: [...realProcesses, '--require', 'test/rigs/vscode/pictures.ts'],
      parallel: true,
    }),
    prepare: installVsCode,
    alone: true,
  },
];

/** @param {{more?: string[], parallel?: boolean, folder?: string}} how `parallel`: two files at a time */
function mochaPhase(name, limitMs, { more = [], parallel = false, folder = name } = {}) {
  const command = (file, args) => [
    process.execPath,
    [
      mocha,
      ...['--reporter', join(root, 'scripts', 'mochaReporter.mjs'), '--reporter-option', `file=${file}`],
      ...more,
      ...args,
    ],
  ];
  return {
    name,
    limitMs,
    command: (file, only) =>
      command(file, [
        ...(parallel ? ['--parallel', '--jobs', '2'] : []),
        ...(only === undefined ? [] : ['--grep', only]),
        `test/${folder}/**/*.test.ts`,
      ]),
    counts: (file) => JSON.parse(readFileSync(file, 'utf8')),
    again: (file, { failedFiles }) => command(file, failedFiles),
  };
}

/** Sums the attributes that pytest writes into each `<testsuite>`. */
function pytestCounts(file) {
  const total = { ...none };
  for (const [tag] of readFileSync(file, 'utf8').matchAll(/<testsuite\s[^>]*>/g)) {
    const number = (name) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
    const failed = number('failures') + number('errors');
    total.failed += failed;
    total.skipped += number('skipped');
    total.passed += number('tests') - failed - number('skipped');
  }
  return total;
}

/** @param {boolean} show at once, not when it has ended */
async function runPhase(phase, command, file, show) {
  const env = { ...process.env, ...phase.env };
  const [program, args] = command;
  const { code, output, timedOut } = await run(program, args, { cwd: phase.cwd, env, show, limitMs: phase.limitMs });
  if (!show) console.log(`\n── ${phase.name} ──\n${output}`);
  const counts = existsSync(file) ? phase.counts(file) : none;
  if (code === 0 || counts.failed > 0 || code === phase.nothingMatched) return counts;
  const how = timedOut ? `did not end in ${phase.limitMs / minuteMs} minutes` : `failed with exit code ${code}`;
  console.log(`${phase.name} ${how}; counted as one failed.`);
  return { ...counts, failed: 1, failedFiles: [] };
}

/** Most failures that are worth a second look. */
const mostAgain = 8;

/**
 * Tests start real processes, and a machine may be too busy for one: what failed is run once more, alone, and what fails then
 * has failed. They are named, so that one that needs it again and again is mended.
 */
async function runAgain(phase, first, file, show) {
  if (phase.again === undefined || first.failed === 0 || first.failed > mostAgain) return first;
  // A failure that belongs to no test is of the run as a whole.
  if (first.failedFiles?.length === 0 || first.failedFiles?.includes('')) return first;
  console.log(`\n── ${phase.name}: what failed, once more and alone ──`);
  const second = await runPhase(phase, phase.again(file, first), file, show);
  if (second.failed > 0) return first;
  console.log(`${phase.name}: ${first.failed} failed at first, and passed alone.`);
  return { ...first, passed: first.passed + first.failed, failed: 0 };
}

function prepare(names) {
  return prepared(async () => {
    await setup();
    await requireSystemTools(names.includes('integration'));
  });
}

async function prepared(make) {
  try {
    await make();
    return none;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(error.message);
    return { ...none, failed: 1 };
  }
}

async function test(args) {
  const { only, names } = parse(args);
  requireNode([20, 19, 0], 'Running the tests');
  const results = [];
  const timed = async (name, work) => {
    const started = Date.now();
    const result = { name, minutes: 0, counts: none };
    results.push(result);
    result.counts = await work;
    result.minutes = (Date.now() - started) / minuteMs;
    return result;
  };
  const folder = mkdtempSync(join(tmpdir(), 'sitespan-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const fileOf = ({ name }) => join(folder, name);
  const chosen = phases.filter(({ name }) => names.includes(name));
  const ran = [];
  const runOne = async (phase, show) => {
    if (phase.prepare) {
      const { counts } = await timed(`installing ${phase.name}`, prepared(phase.prepare));
      if (counts.failed > 0) return;
    }
    if (show) console.log(`\n── ${phase.name} ──`);
    const file = fileOf(phase);
    ran.push({ phase, result: await timed(phase.name, runPhase(phase, phase.command(file, only), file, show)) });
  };
  if ((await timed('setup', prepare(names))).counts.failed === 0) {
    const waiting = chosen.filter(({ alone }) => !alone);
    const show = waiting.length === 1;
    const lane = async () => {
      for (let phase = waiting.shift(); phase !== undefined; phase = waiting.shift()) await runOne(phase, show);
    };
    const firstTogether = phases.findIndex(({ alone }) => !alone);
    const isBefore = (phase) => phases.indexOf(phase) < firstTogether;
    const alone = chosen.filter((phase) => phase.alone);
    for (const phase of alone.filter(isBefore)) await runOne(phase, true);
    await Promise.all([lane(), lane()]);
    for (const phase of alone.filter((one) => !isBefore(one))) await runOne(phase, true);
    for (const { phase, result } of ran) {
      result.counts = await runAgain(phase, result.counts, `${fileOf(phase)}.again`, true);
    }
  }
  return report(results);
}

function parse(args) {
  let values;
  try {
    const flag = { type: 'boolean', default: false };
    ({ values } = parseArgs({
      args,
      options: { unit: flag, python: flag, integration: flag, dirac: flag, vscode: flag, only: { type: 'string' } },
    }));
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`);
  }
  const tests = ['unit', 'python', 'integration', 'dirac', 'vscode'];
  const chosen = tests.filter((name) => values[name]);
  if (chosen.length > 0) return { only: values.only, names: chosen };
  return { only: values.only, names: values.only === undefined ? ['lint', ...tests] : tests };
}

function report(results) {
  const sum = (key) => results.reduce((total, { counts }) => total + counts[key], 0);
  console.log(`\n${results.map(({ name, minutes }) => `${name} ${minutes.toFixed(1)} min`).join(', ')}`);
  if (sum('passed') + sum('failed') === 0) console.log('No test ran.');
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
}

await runMain(test);
