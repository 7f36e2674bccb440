import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import type { ClusterView } from '../../../src/editor/knownCluster.js';
import { statusOf } from '../../../src/editor/status.js';
import { commands } from '../../../src/ids.js';
import type { ClusterSnapshot } from '../../../src/keeper/api.js';
import { snapshotWith } from '../keeper/snapshots.js';

function view(
  name: string,
  changes: Partial<ClusterSnapshot> = {},
  link: ClusterView['link'] = 'connected',
): ClusterView {
  return { name, folder: `/${name}`, link, snapshot: snapshotWith({ name, ...changes }), trouble: undefined };
}
const pools = (working: number, desired: number) => [{ name: 'main', sites: ['north'], desired, lives: { working } }];
const total = { ...snapshotWith().total, eventsPerSecond: 1_200_000 };
const of = (...clusters: ClusterView[]) => statusOf({ clusters, front: undefined, hasLooked: true });

describe('The status bar', () => {
  it('is not there before clusters were looked for', () => {
    assert.equal(statusOf({ clusters: [], front: undefined, hasLooked: false }), undefined);
  });

  it('makes a new cluster where there is none', () => {
    assert.equal(of()?.action.command, commands.newCluster);
  });

  it('shows workers and rate of one that works, and opens its throughput', () => {
    const status = of(view('ttbar', { pools: pools(32, 32), total }));
    assert.equal(status?.text, '$(server-environment) ttbar 32/32 · 1.2 MHz');
    assert.deepEqual(status?.action, {
      ...{ command: commands.showThroughput, label: 'Show Throughput' },
      arguments: [{ kind: 'cluster', cluster: 'ttbar' }],
    });
    assert.equal(status?.spoken, 'Cluster ttbar, 32/32 · 1.2 MHz');
  });

  it('says why, where workers are waited for', () => {
    const status = of(view('ttbar', { pools: pools(24, 32), total }));
    assert.deepEqual(
      [status?.text, status?.action.command, status?.tone],
      ['$(watch) ttbar 24/32 · 1.2 MHz', commands.whyWorker, 'waiting'],
    );
  });

  it('opens the log in trouble, with what helps in the tooltip', () => {
    const trouble = new SitespanError('keeper-start-failed', 'It did not start.');
    const status = of({ ...view('ttbar', {}, 'lost'), trouble });
    assert.deepEqual([status?.tone, status?.action.command], ['error', commands.showLog]);
    assert.deepEqual([status?.lines[0], status?.links[0]?.command], ['It did not start.', commands.doctor]);
  });

  it('shows the one in front of several, and how many others there are', () => {
    const clusters = [view('ttbar'), view('wjets'), view('zjets')];
    assert.match(of(...clusters)?.text ?? '', /ttbar 0\/0 \+2$/);
    assert.match(statusOf({ clusters, front: 'wjets', hasLooked: true })?.text ?? '', /wjets 0\/0 \+2$/);
    assert.match(statusOf({ clusters, front: 'gone', hasLooked: true })?.text ?? '', /ttbar/);
  });

  it('shows one that works before one that cannot be reached', () => {
    assert.match(of(view('broken', {}, 'failed'), view('ttbar'))?.text ?? '', /ttbar 0\/0 \+1$/);
  });

  it('does not show a closed one that only a notebook shows', () => {
    assert.equal(of(view('ttbar', {}, 'closed'))?.action.command, commands.newCluster);
  });
});
