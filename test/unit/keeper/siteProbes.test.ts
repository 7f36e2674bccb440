import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../../../src/base/errors.js';
import { until } from '../../../src/base/waiting.js';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { SiteProbes } from '../../../src/keeper/siteProbes.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { FakeGrid } from './fakeGrid.js';
import { logLines } from './logLines.js';

const environment = JSON.stringify({ python: '3.11.7', executable: 'python3', machine: 'x', packages: {}, root: null });
const output = `sitespan-probe host=node7\nsitespan-probe environment=${environment}\nsitespan-probe relay=reached\n`;

describe('SiteProbes', () => {
  const folder = scratchFolder();
  let grid: FakeGrid;
  let facts: Fact[];
  let ledger: Ledger;
  beforeEach(async () => {
    await writeFile(join(folder(), 'sitespan-1-py3-none-any.whl'), 'wheel');
    grid = new FakeGrid();
    facts = [];
    ledger = new Ledger();
  });
  const probesOf = (changes: { readonly answerMs?: number; readonly limitMs?: number } = {}): SiteProbes =>
    new SiteProbes({
      ledger,
      gridOf: () => grid,
      markPrefix: 'sitespan.123456.abcdef',
      payload: join(folder(), 'payload'),
      bundle: folder(),
      relayAddress: () => 'relay:8790',
      environmentAt: () => ({ kind: 'python', python: '/usr/bin/python3' }),
      clusterEnvironment: () => undefined,
      record: async (fact) => {
        facts.push(fact);
        ledger.apply(fact);
      },
      log: logLines().log,
      ...changes,
    });
  const submitted = (): Promise<void> =>
    until(() => grid.jobs.size > 0, { timeoutMs: 5000, everyMs: 5, what: 'The job' });

  it('sends one short job without a token, and ends it when it has its verdict', async () => {
    const probing = probesOf().probe('far', 'north');
    await submitted();
    const [intent] = grid.intents;
    assert.ok(intent);
    assert.ok(intent.mark.length <= 32, intent.mark);
    assert.deepEqual([intent.count, intent.walltimeSeconds, intent.sites], [1, 300, ['north']]);
    assert.deepEqual(await readdir(intent.sandbox), ['probe.sh', 'sitespan-1-py3-none-any.whl']);
    assert.match(await readFile(join(intent.sandbox, 'probe.sh'), 'utf8'), /^#!\/bin\/sh/);
    grid.become('101', 'done', 'Done', output);
    const verdict = await probing;
    assert.deepEqual([verdict.ok, verdict.facts['host']], [true, 'node7']);
    assert.deepEqual(grid.killed, ['101']);
    assert.deepEqual(
      facts.map(({ is }) => is),
      ['probe', 'probed'],
    );
    assert.deepEqual(ledger.probes[0]?.verdict, verdict);
  });

  it('enters the environment that is wished for, without one that of the pools', async () => {
    const script = async (wished?: EnvironmentSpec): Promise<string> => {
      const probing = probesOf().probe('far', 'north', wished);
      await submitted();
      const text = await readFile(join(grid.intents.at(-1)?.sandbox ?? '', 'probe.sh'), 'utf8');
      for (const job of grid.jobs.keys()) grid.become(job, 'done', 'Done', output);
      await probing;
      grid.jobs.clear();
      return text;
    };
    assert.match(await script({ kind: 'python', python: '/opt/theirs/python' }), /\/opt\/theirs\/python/);
    assert.match(await script(), /\/usr\/bin\/python3/);
  });

  it('is one look for two who ask at once', async () => {
    const probes = probesOf();
    const both = Promise.all([probes.probe('far', 'north'), probes.probe('far', 'north')]);
    await submitted();
    grid.become('101', 'done', 'Done', output);
    const [first, second] = await both;
    assert.deepEqual([first, grid.jobs.size], [second, 1]);
  });

  it('answers in time though the job waits, and has the verdict later', async () => {
    const probes = probesOf({ answerMs: 20 });
    const early = await probes.probe('far', 'north');
    assert.deepEqual(
      [early.ok, early.sentence],
      [false, 'north has not run the probe yet; its verdict shows when it has.'],
    );
    await submitted();
    grid.become('101', 'done', 'Done', output);
    await until(() => ledger.probes[0]?.verdict?.ok === true, { timeoutMs: 5000, what: 'The verdict' });
  });

  it('gives a job up that does not come to run', async () => {
    const verdict = await probesOf({ limitMs: 20 }).probe('far', 'north');
    assert.equal(verdict.sentence, 'north has not run the probe in good time: Waiting.');
    assert.deepEqual(grid.killed, ['101']);
  });

  it('says how a job failed, and that a grid refused it', async () => {
    const probing = probesOf().probe('far', 'north');
    await submitted();
    grid.become('101', 'failed', 'Failed (stalled)', 'sh: not found\n');
    const failed = 'The probe did not come through at north: Failed (stalled); its last words: sh: not found.';
    assert.equal((await probing).sentence, failed);
    grid.failure = { error: new SitespanError('grid-unreachable', 'far does not answer.'), taken: true };
    const lost = await probesOf().probe('far', 'north');
    assert.equal(lost.sentence, 'north could not be probed: far does not answer.');
    assert.ok(grid.killed.includes('102'), 'what was taken all the same is ended');
  });

  it('of a keeper that was killed is found by its mark and ended by the next', async () => {
    await grid.submit({
      ...{ mark: 'm.p1', sites: ['north'], count: 1, cores: 1, memoryMb: 0, walltimeSeconds: 60 },
      ...{ sandbox: folder(), executable: 'probe.sh', environment: {} },
    });
    ledger.apply({ is: 'probe', at: 1, grid: 'far', site: 'north', mark: 'm.p1' });
    await probesOf().endLeft();
    assert.deepEqual(grid.killed, ['101']);
    assert.match(ledger.probes[0]?.verdict?.sentence ?? '', /was cut off/);
  });

  it('are given up when the cluster closes', async () => {
    const probes = probesOf();
    const probing = probes.probe('far', 'north');
    await submitted();
    await probes.stop();
    assert.match((await probing).sentence, /the cluster is being closed/);
    assert.deepEqual(grid.killed, ['101']);
    assert.equal(ledger.probes[0]?.verdict, undefined, 'that is no verdict of the site');
  });
});
