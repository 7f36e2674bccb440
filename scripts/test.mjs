// `npm test`: makes what is missing, then lint, unit tests, Python tests, integration tests, those on a real DIRAC, those in a real VS Code; the last line counts them all.
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

/** A phase that fails with no test to blame counts as one failed test, so that the last line shows it. */
const phases = [
  {
    name: 'lint',
    limitMs: 8 * minuteMs,
    command: () => ['npm', ['run', '--silent', 'lint']],
  },
  mochaPhase('unit', 8 * minuteMs),
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
  },
  mochaPhase('integration', 30 * minuteMs, [
    ...realProcesses,
    ...['--require', 'test/rigs/security/wholeSuite.ts', '--ignore', 'test/integration/dirac/**'],
  ]),
  {
    ...mochaPhase('dirac', 20 * minuteMs, [...realProcesses, '--parallel', '--jobs', '2'], 'integration/dirac'),
    prepare: installDirac,
  },
  {
    ...mochaPhase('vscode', 20 * minuteMs, [
      ...realProcesses,
      ...['--require', 'test/rigs/vscode/pictures.ts', '--parallel', '--jobs', '2'],
    ]),
    prepare: installVsCode,
  },
];

function mochaPhase(name, limitMs, more = [], folder = name) {
  return {
    name,
    limitMs,
    command: (file, only) => [
      process.execPath,
      [
        mocha,
        ...['--reporter', join(root, 'scripts', 'mochaReporter.mjs'), '--reporter-option', `file=${file}`],
        ...(only === undefined ? [] : ['--grep', only]),
        ...more,
        `test/${folder}/**/*.test.ts`,
      ],
    ],
    counts: (file) => JSON.parse(readFileSync(file, 'utf8')),
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

async function runPhase(phase, file, only) {
  console.log(`\n── ${phase.name} ──`);
  const [command, args] = phase.command(file, only);
  const env = { ...process.env, ...phase.env };
  const { code, timedOut } = await run(command, args, { cwd: phase.cwd, env, show: true, limitMs: phase.limitMs });
  const counts = existsSync(file) ? phase.counts(file) : none;
  const nothingMatched = only !== undefined && code === phase.nothingMatched;
  if (code === 0 || counts.failed > 0 || nothingMatched) return counts;
  const how = timedOut ? `did not end in ${phase.limitMs / minuteMs} minutes` : `failed with exit code ${code}`;
  console.log(`${phase.name} ${how}; counted as one failed.`);
  return { ...counts, failed: 1 };
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
    const counts = await work;
    results.push({ name, minutes: (Date.now() - started) / minuteMs, counts });
    return counts.failed === 0;
  };
  const folder = mkdtempSync(join(tmpdir(), 'sitespan-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  if (await timed('setup', prepare(names))) {
    for (const phase of phases.filter(({ name }) => names.includes(name))) {
      if (phase.prepare && !(await timed(`installing ${phase.name}`, prepared(phase.prepare)))) continue;
      await timed(phase.name, runPhase(phase, join(folder, phase.name), only));
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
