import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { until } from '../../../src/base/waiting.js';
import { PoolWorkers } from '../../../src/editor/poolWorkers.js';
import { calls, type WorkerSnapshot } from '../../../src/keeper/api.js';
import { type FakeLink, fakeFleet } from './fakeFleet.js';

const worker: WorkerSnapshot = { name: 'main-1', site: 'north', job: '1', phase: 'working', since: 5, evidence: 'ok' };

describe('PoolWorkers', () => {
  const made = fakeFleet();
  const soon = (what: string, condition: () => boolean): Promise<void> =>
    until(condition, { timeoutMs: 5000, everyMs: 5, what });
  async function opened(): Promise<{ readonly link: FakeLink; readonly workers: PoolWorkers<FakeLink> }> {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    link.answers.set(calls.listWorkers.path, [worker]);
    await fleet.look();
    await soon('The cluster', () => fleet.cluster('ttbar')?.link === 'connected');
    return { link, workers: new PoolWorkers(fleet, (error) => assert.fail(String(error))) };
  }

  it('asks only while somebody has the pool open', async () => {
    const { link, workers } = await opened();
    link.become({});
    assert.deepEqual([link.asked.length, workers.of('ttbar', 'main')], [0, undefined]);
    const view = workers.open('ttbar', 'main');
    await soon('The workers', () => workers.of('ttbar', 'main') !== undefined);
    assert.deepEqual(workers.of('ttbar', 'main'), [worker]);
    link.become({});
    await soon('The next', () => link.asked.length === 2);
    view.dispose();
    link.become({});
    assert.equal(workers.of('ttbar', 'main'), undefined);
    workers.open('ttbar', 'main');
    await workers.known('ttbar', 'main');
    assert.equal(link.asked.length, 3);
    workers.dispose();
  });

  it('asks once for many changes that come while it asks, and once more for the newest', async () => {
    const { link, workers } = await opened();
    workers.open('ttbar', 'main');
    let told = 0;
    workers.onDidChange(() => told++);
    for (let n = 0; n < 20; n++) link.become({});
    await soon('The newest', () => told === 2);
    assert.equal(link.asked.length, 2);
    workers.dispose();
  });

  it('does not ask again for what has not changed', async () => {
    const { link, workers } = await opened();
    workers.open('ttbar', 'main');
    await soon('The workers', () => workers.of('ttbar', 'main') !== undefined);
    link.tell();
    link.become({});
    await soon('The next', () => link.asked.length > 1);
    assert.equal(link.asked.length, 2);
    workers.dispose();
  });

  it('understands an older keeper, which tells whole lives', async () => {
    const { link, workers } = await opened();
    link.answers.set(calls.listWorkers.path, new SitespanError('call-unknown', 'It is older.'));
    const life = { name: 'main-1', pool: 'main', site: 'north', job: '1', phase: 'working', warnings: [] };
    link.answers.set(calls.listLives.path, [{ ...life, steps: [{ phase: 'working', at: 5, evidence: 'ok' }] }]);
    workers.open('ttbar', 'main');
    await soon('The workers', () => workers.of('ttbar', 'main') !== undefined);
    assert.deepEqual(workers.of('ttbar', 'main'), [worker]);
    workers.dispose();
  });

  it('keeps what it knew and says why there is nothing newer', async () => {
    const { link, workers } = await opened();
    workers.open('ttbar', 'main');
    await soon('The workers', () => workers.of('ttbar', 'main') !== undefined);
    link.answers.set(calls.listWorkers.path, new SitespanError('keeper-unreachable', 'No answer.'));
    link.become({});
    await soon('The trouble', () => workers.troubleOf('ttbar', 'main') !== undefined);
    assert.deepEqual(workers.of('ttbar', 'main'), [worker]);
    workers.dispose();
  });
});
