import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import type { ClusterView } from '../../../src/editor/knownCluster.js';
import { connectedLine } from '../../../src/editor/notebooks/clusterTexts.js';
import { troubleOfGrid, troublesIn, troublesOf, troublesOfSite } from '../../../src/editor/troubles.js';
import { commands } from '../../../src/ids.js';
import { snapshotWith } from '../keeper/snapshots.js';

function view(changes: Partial<ClusterView> = {}): ClusterView {
  const plain = { name: 'ttbar', folder: '/state/ttbar', link: 'connected', trouble: undefined } as const;
  return { ...plain, snapshot: snapshotWith(), ...changes };
}
const pool = { name: 'main', sites: ['north'], desired: 2, lives: { working: 2 } };

describe('Troubles', () => {
  it('are none of a cluster that works', () => {
    assert.deepEqual(troublesOf(view({ snapshot: snapshotWith({ pools: [pool] }) })), []);
  });

  it("are a failed connection's own words with what its code calls for", () => {
    const trouble = new SitespanError('cluster-damaged', 'Its settings cannot be read.');
    const [said] = troublesOf(view({ link: 'failed', snapshot: undefined, trouble }));
    assert.deepEqual(
      [said?.state, said?.sentence, said?.action],
      [
        'cluster-damaged',
        'Its settings cannot be read.',
        { command: commands.doctor, label: 'Run Doctor', arguments: [{ kind: 'cluster', cluster: 'ttbar' }] },
      ],
    );
  });

  it('are its keeper when that has gone, until why it does not come back is known', () => {
    assert.equal(troublesOf(view({ link: 'lost' }))[0]?.state, 'keeper-gone');
    const trouble = new SitespanError('keeper-start-failed', 'It did not start: no such cipher.');
    assert.equal(troublesOf(view({ link: 'lost', trouble }))[0]?.sentence, 'It did not start: no such cipher.');
  });

  it('are what its keeper says, the worst first, and workers that are on their way', () => {
    const problems = [
      { code: 'idle-drained', message: 'Nothing ran in ttbar for 30 minutes.' },
      { code: 'pool-stopped', message: 'Pool main lost 3 workers.' },
    ];
    const pools = [{ ...pool, desired: 4, lives: { waiting: 4 } }];
    const said = troublesOf(view({ snapshot: snapshotWith({ problems, pools }) }));
    assert.deepEqual(
      said.map(({ state }) => state),
      ['pool-failing', 'pool-waiting', 'idle-drained'],
    );
  });

  it('are a grid that takes jobs and gives none of them a place, in every face that shows clusters', () => {
    const message = 'Waiting for 12 minutes: the grid gridpp takes jobs, but none has got a place; check its setup.';
    const problems = [{ code: 'grid-unmatched', message }];
    const cluster = view({ snapshot: snapshotWith({ problems }) });
    for (const face of ['tree', 'status bar', 'notebook', 'panel'] as const) {
      const [said] = troublesIn(face, cluster);
      assert.deepEqual([said?.sentence, said?.tone, said?.action?.label], [message, 'warning', 'Why?'], face);
    }
    assert.match(connectedLine('ttbar', cluster).text, /^ttbar: Its grid takes jobs, but none has got a place;/);
  });

  it('say what no state is for, too', () => {
    const problems = [{ code: 'internal', message: 'The keeper failed.' }];
    const [said] = troublesOf(view({ snapshot: snapshotWith({ problems }) }));
    assert.deepEqual([said?.state, said?.sentence, said?.tone], [undefined, 'The keeper failed.', 'warning']);
  });

  it('are a closed cluster, and a dead kernel with its own command', () => {
    assert.equal(troublesOf(view({ link: 'closed' }))[0]?.state, 'closed');
    const cells = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };
    const kernels = [{ id: 'k1', folder: '/k1', phase: 'dead' as const, cells }];
    const [dead] = troublesOf(view({ snapshot: snapshotWith({ kernels }) }));
    assert.deepEqual(dead?.action?.arguments, [{ kind: 'kernel', cluster: 'ttbar', kernel: 'k1' }]);
  });

  it('of a site are its ban, in the words of its grid, and the verdict of its probe', () => {
    const site = { name: 'north', banned: true, gridWords: 'Banned', waiting: 0, running: 0, workers: 0 };
    const verdict = { ok: false, sentence: 'north has no python3.', at: 1, facts: {} };
    assert.deepEqual(
      troublesOfSite('dirac', { ...site, verdict }).map(({ sentence }) => sentence),
      ['The grid sends no jobs to north now (Banned).', 'north has no python3.'],
    );
    assert.deepEqual(troublesOfSite('dirac', { ...site, banned: false }), []);
    assert.equal(troubleOfGrid({ trouble: { code: 'grid-failed', message: 'No.' } })[0]?.state, 'grid-unreachable');
  });
});
