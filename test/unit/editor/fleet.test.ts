import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { until } from '../../../src/base/waiting.js';
import { fakeFleet } from './fakeFleet.js';

describe('Fleet', () => {
  const made = fakeFleet();
  const soon = (what: string, condition: () => boolean): Promise<void> =>
    until(condition, { timeoutMs: 5000, everyMs: 5, what });
  const links = (): (readonly [string, string])[] => made().fleet.clusters.map(({ name, link }) => [name, link]);
  const settled = (): Promise<void> => soon('All', () => links().every(([, link]) => link !== 'connecting'));

  it('looks at nothing before it is told to', () => {
    const { fleet, source } = made();
    assert.deepEqual([source.lists, source.isWatched, fleet.hasLooked], [0, false, false]);
  });

  it('connects to all there are, by name, and knows what they say', async () => {
    const { fleet, source } = made();
    source.add('wjets').become({ tasks: { waiting: 3, processing: 0, memory: 0, erred: 0 } });
    source.add('ttbar');
    await fleet.look();
    await settled();
    assert.deepEqual(links(), [
      ['ttbar', 'connected'],
      ['wjets', 'connected'],
    ]);
    assert.equal(fleet.cluster('wjets')?.snapshot?.tasks.waiting, 3);
  });

  it('looks once, and then sees clusters come by themselves', async () => {
    const { fleet, source } = made();
    await fleet.look();
    await fleet.look();
    assert.equal(source.lists, 1);
    source.add('ttbar');
    source.folderChanges();
    await soon('The new cluster', () => links().length === 1);
  });

  it('tells of each new state', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    let told = 0;
    fleet.onDidChange(() => told++);
    link.become({ phase: 'starting' });
    assert.deepEqual([told, fleet.cluster('ttbar')?.snapshot?.phase], [1, 'starting']);
  });

  it('shows why one cannot be connected to, beside the others, and tries again when refreshed', async () => {
    const { fleet, source } = made();
    source.add('ttbar');
    source.refusals.set('broken', new SitespanError('cluster-damaged', 'Its settings cannot be read.'));
    await fleet.look();
    await settled();
    assert.deepEqual(links(), [
      ['broken', 'failed'],
      ['ttbar', 'connected'],
    ]);
    assert.equal(fleet.cluster('broken')?.trouble?.code, 'cluster-damaged');
    source.refusals.delete('broken');
    source.add('broken');
    await fleet.refresh();
    await soon('Broken', () => fleet.cluster('broken')?.link === 'connected');
    assert.equal(fleet.cluster('broken')?.trouble, undefined);
  });

  it('shows one whose keeper has gone as lost, with its last state, until the next keeper tells', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    link.isAway = true;
    link.trouble = new SitespanError('keeper-start-failed', 'It did not start.');
    link.tell();
    const view = fleet.cluster('ttbar');
    assert.deepEqual([view?.link, view?.trouble?.code, view?.snapshot?.name], ['lost', 'keeper-start-failed', 'ttbar']);
    link.isAway = false;
    link.trouble = undefined;
    link.become({});
    assert.deepEqual(links(), [['ttbar', 'connected']]);
  });

  it('forgets a cluster that was closed', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    link.become({ phase: 'closing' });
    assert.deepEqual(links(), [['ttbar', 'connected']]);
    link.ended = true;
    source.remove('ttbar');
    await soon('Its end', () => links().length === 0);
    assert.equal(link.disposed, true);
    await assert.rejects(fleet.client('ttbar'), { code: 'cluster-unknown' });
  });

  it('sees the end of a cluster whose last word it missed', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    link.isAway = true;
    link.ended = true;
    source.remove('ttbar');
    link.tell();
    await soon('Its end', () => links().length === 0);
  });

  it('keeps an ended cluster in sight as closed for who shows it', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    const [one, other] = [fleet.retain('ttbar'), fleet.retain('ttbar')];
    link.ended = true;
    link.become({ phase: 'closing' });
    source.remove('ttbar');
    await soon('Its end', () => links()[0]?.[1] === 'closed');
    one.dispose();
    assert.deepEqual(links(), [['ttbar', 'closed']]);
    other.dispose();
    assert.deepEqual(links(), []);
  });

  it('keeps a cluster that failed in sight with why, until it is refreshed or made again', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    link.ended = true;
    link.become({ phase: 'failed', problems: [{ code: 'scheduler-ended', message: 'The scheduler was killed.' }] });
    source.remove('ttbar');
    await soon('Its end', () => links()[0]?.[1] === 'closed');
    assert.equal(fleet.cluster('ttbar')?.trouble?.message, 'The scheduler was killed.');
    source.add('ttbar');
    source.folderChanges();
    await soon('The next', () => links()[0]?.[1] === 'connected');
    assert.equal(fleet.cluster('ttbar')?.trouble, undefined);
  });

  it('knows the cluster of the shown notebook, else the one used last; to look is not to use', async () => {
    const { fleet, source } = made();
    for (const name of ['ttbar', 'wjets']) source.add(name);
    await fleet.client('wjets');
    await fleet.peek('ttbar');
    assert.equal(fleet.front, 'wjets');
    fleet.show('ttbar');
    assert.equal(fleet.front, 'ttbar');
    fleet.show(undefined);
    assert.equal(fleet.front, 'wjets');
  });

  it('says why it cannot look, and looks again when it is told to', async () => {
    const { fleet, source } = made();
    source.add('ttbar');
    source.failure = new SitespanError('disk-read-only', 'The disk is read-only.');
    await assert.rejects(fleet.look(), { code: 'disk-read-only' });
    assert.deepEqual([fleet.trouble?.code, fleet.hasLooked], ['disk-read-only', false]);
    source.failure = undefined;
    await fleet.look();
    assert.deepEqual([fleet.trouble, links().length], [undefined, 1]);
  });

  it('lets go of all when it is disposed of', async () => {
    const { fleet, source } = made();
    const link = source.add('ttbar');
    await fleet.look();
    await settled();
    fleet.dispose();
    await soon('The folder', () => !source.isWatched);
    assert.equal(link.disposed, true);
  });
});
