import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { endKept, exitOf, keptOf } from '../../../src/base/child/kept.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { Identities } from '../../../src/keeper/identities.js';
import { SchedulerProcess } from '../../../src/keeper/schedulerProcess.js';
import type { SchedulerState } from '../../../src/keeper/schedulerState.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { fakeScheduler } from './fakeScheduler.js';
import { standIn } from './standIn.js';

const httpFile = z.object({ port: z.number(), pid: z.number() });
const none = { events: 0, bytes: 0, again: { events: 0, bytes: 0 }, samples: {} };
const stateAt = (time: number): SchedulerState => ({
  id: 'Scheduler-1',
  time,
  workers: [],
  gone: none,
  tasks: { waiting: 0, processing: 0, memory: 0, erred: 0 },
  clients: 0,
});

describe('SchedulerProcess', function () {
  this.timeout(120_000);
  const open: SchedulerProcess[] = [];
  // Before the scratch folder goes, and what is known of the child with it.
  afterEach(async () => {
    for (const one of open.splice(0)) one.dispose();
    await endKept(folder(), { graceMs: 0 });
  });
  const scratch = scratchFolder();
  const folder = (): string => join(scratch(), 'scheduler');
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const identities = new Identities(ClusterAuthority.create(), relay, 'me', 'ttbar-1a2b3c', 'ab'.repeat(32));
  const identity = identities.issue('scheduler', 'scheduler');
  let misunderstood: unknown[];
  beforeEach(async () => {
    misunderstood = [];
    await mkdir(folder());
    await writeState(stateAt(1));
  });

  const writeState = (state: unknown): Promise<void> => writeFile(join(folder(), 'state.json'), JSON.stringify(state));
  async function scheduler(source = fakeScheduler): Promise<SchedulerProcess> {
    const one = new SchedulerProcess({
      folder: folder(),
      python: await standIn(join(scratch(), 'python'), source),
      packageFolder: '/bundle/python',
      identity,
      onListenerError: (error) => misunderstood.push(error),
    });
    open.push(one);
    return one;
  }
  async function started(): Promise<SchedulerProcess> {
    const one = await scheduler();
    await one.start();
    await soon('The first state', () => one.state !== undefined);
    return one;
  }
  const soon = (what: string, condition: () => boolean | Promise<boolean>): Promise<void> =>
    until(condition, { timeoutMs: 60_000, everyMs: 10, what });
  const text = (name: string): Promise<string> => readFile(join(folder(), name), 'utf8');
  const pid = async (): Promise<number> => httpFile.parse(JSON.parse(await text('http.json'))).pid;
  const kill = async (): Promise<void> => {
    const kept = await keptOf(folder());
    assert.ok(kept);
    process.kill(-kept.mark.pid, 'SIGKILL');
    await soon("The scheduler's end", async () => (await exitOf(folder())) !== undefined);
  };

  it('is started in the environment of the user, and tells what that has', async () => {
    const one = await started();
    assert.equal(one.environment?.python, '3.11.7');
    assert.equal(one.httpPort, httpFile.parse(JSON.parse(await text('http.json'))).port);
    assert.equal(await one.endedBecause(), undefined);
    assert.deepEqual(JSON.parse(await text('identity.json')), identity);
  });

  it('knows nothing of it before', async () => {
    const one = await scheduler();
    assert.deepEqual([one.state, one.environment, one.httpPort], [undefined, undefined, null]);
    assert.equal(await one.endedBecause(), undefined);
  });

  it('shows its secrets to nobody', async () => {
    await started();
    for (const name of ['token', 'identity.json']) {
      assert.equal((await stat(join(folder(), name))).mode & 0o777, 0o600);
    }
    const shown = await text('started.json');
    for (const secret of [await text('token'), identity.credential.key, 'PRIVATE KEY'])
      assert.equal(shown.includes(secret), false);
  });

  it('tells of each new state', async () => {
    const one = await started();
    let changes = 0;
    one.onDidChangeState(() => changes++);
    await writeState(stateAt(2));
    process.kill(await pid(), 'SIGUSR2');
    await soon('The next state', () => changes === 1);
    assert.deepEqual(one.state, stateAt(2));
  });

  it('keeps the last state when it is told one that it does not understand', async () => {
    const one = await started();
    await writeState({ ...stateAt(3), workers: 'many' });
    process.kill(await pid(), 'SIGUSR2');
    await soon('The complaint', () => misunderstood.length === 1);
    assert.deepEqual(one.state, stateAt(1));
  });

  it('watches again when the connection was lost', async () => {
    const one = await started();
    await writeState(stateAt(4));
    process.kill(await pid(), 'SIGHUP');
    await soon('The state after it', () => one.state?.time === 4);
  });

  it('retires workers by name; those it does not know are no error', async () => {
    const one = await started();
    await one.retire(['main-1', 'main-2']);
    assert.deepEqual(JSON.parse(await text('asked.jsonl')), [
      '/sitespan/retire',
      { workers: ['main-1', 'main-2'], timeoutSeconds: 60 },
    ]);
  });

  it('gives a browser an address with a code and without the token', async () => {
    const one = await started();
    const url = await one.browserUrl();
    assert.equal(url, `http://127.0.0.1:${one.httpPort}/sitespan/enter?code=a%2Fb%26c`);
    assert.equal(url.includes(await text('token')), false);
  });

  it('says what it was answered when it is refused', async () => {
    const one = await started();
    await writeFile(join(folder(), 'token'), 'another');
    await assert.rejects(one.retire(['main-1']), {
      code: 'scheduler-refused',
      message: 'The scheduler on this computer answered /sitespan/retire with 401: who are you?',
    });
  });

  it('goes on when its keeper is killed, and is taken over by the next', async () => {
    const first = await started();
    const kept = await keptOf(folder());
    const next = await started();
    assert.deepEqual(await keptOf(folder()), kept);
    assert.equal(next.httpPort, first.httpPort);
    await next.retire(['main-1']);
  });

  it('is not replaced when it died while no keeper ran: all it knew is lost, and that is said', async () => {
    await started();
    await kill();
    const next = await scheduler();
    await assert.rejects(next.start(), {
      code: 'scheduler-ended',
      message: `The scheduler on this computer was killed; its log is ${folder()}/log.`,
    });
  });

  it('is started anew when it died before it was ready', async () => {
    const first = await scheduler('setInterval(() => 0, 1000);');
    const stop = new AbortController();
    const starting = first.start(stop.signal);
    starting.catch(() => undefined);
    await soon('The first', async () => (await keptOf(folder())) !== undefined);
    stop.abort(new Error('the keeper was killed'));
    await assert.rejects(starting, /killed/);
    await kill();
    assert.notEqual((await started()).httpPort, null);
  });

  it('says how it ended', async () => {
    const one = await started();
    process.kill(await pid(), 'SIGTERM');
    await soon('The end', async () => (await one.endedBecause()) !== undefined);
    assert.equal(
      await one.endedBecause(),
      `The scheduler on this computer ended with exit code 0; its log is ${folder()}/log.`,
    );
  });

  it('says that it was killed', async () => {
    const one = await started();
    await kill();
    assert.equal(await one.endedBecause(), `The scheduler on this computer was killed; its log is ${folder()}/log.`);
  });

  it('says why it did not start, in its own last words', async () => {
    const one = await scheduler(`console.error('Traceback'); console.error('No module named dask'); process.exit(1);`);
    await assert.rejects(one.start(), {
      code: 'scheduler-start-failed',
      message: new RegExp(`with ${scratch()}/python on this computer: No module named dask; its log is`),
    });
  });

  it('is not waited for when the cluster is closed meanwhile', async () => {
    const one = await scheduler('setInterval(() => 0, 1000);');
    const stop = new AbortController();
    const starting = one.start(stop.signal);
    stop.abort(new Error('closed'));
    await assert.rejects(starting, /closed/);
  });
});
