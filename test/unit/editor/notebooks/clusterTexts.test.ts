import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import type { ClusterView } from '../../../../src/editor/knownCluster.js';
import { connectedLine, pickerTexts } from '../../../../src/editor/notebooks/clusterTexts.js';
import { stateOf } from '../../../../src/editor/states.js';
import { commands } from '../../../../src/ids.js';
import type { ClusterSnapshot } from '../../../../src/keeper/api.js';

describe('What is said of a cluster', () => {
  const none = { events: 0, bytes: 0 };
  const snapshot = (change: Partial<ClusterSnapshot> = {}): ClusterSnapshot => ({
    name: 'ttbar',
    id: 'ttbar-1a2b3c',
    phase: 'working',
    problems: [],
    relay: { address: '127.0.0.1:8790', restarts: 0 },
    scheduler: { address: 'relay://scheduler:8786', httpPort: null },
    pools: [
      { name: 'main', sites: ['north', 'south'], desired: 24, lives: { working: 20, waiting: 4 } },
      { name: 'gpu', sites: ['south'], desired: 8, lives: { working: 4, ended: 9 } },
    ],
    sites: [],
    samples: {},
    total: { ...none, eventsPerSecond: 0, bytesPerSecond: 0, again: none },
    tasks: { waiting: 0, processing: 0, memory: 0, erred: 0 },
    kernels: [],
    ...change,
  });
  const view = (change: Partial<ClusterView> = {}): ClusterView => ({
    name: 'ttbar',
    folder: '/state/ttbar',
    link: 'connected',
    snapshot: snapshot(),
    trouble: undefined,
    ...change,
  });
  const working = (...numbers: number[]): ClusterView =>
    view({
      snapshot: snapshot({
        pools: numbers.map((number) => ({ name: 'p', sites: [], desired: 9, lives: { working: number } })),
      }),
    });

  it('in the picker is how many workers it has, where, and what its kernels are good for', () => {
    const texts = pickerTexts(view());
    assert.equal(texts.description, '24/32 workers · north, south');
    assert.match(texts.detail, /keeps all output over a reload/);
  });

  it('in the picker is why it cannot be used', () => {
    const trouble = new SitespanError('keeper-start-failed', 'The keeper did not start.');
    assert.deepEqual(pickerTexts(view({ link: 'failed', trouble, snapshot: undefined })), {
      ...{ description: 'not reached', detail: 'The keeper did not start.' },
    });
    const problems = [{ code: 'scheduler-ended', message: 'The scheduler ended.' }];
    assert.equal(
      pickerTexts(view({ snapshot: snapshot({ phase: 'failed', problems }) })).detail,
      'The scheduler ended.',
    );
    for (const gone of [undefined, view({ link: 'closed' })]) {
      assert.deepEqual(pickerTexts(gone), { description: 'ended', detail: stateOf('closed').sentence });
    }
  });

  it('in a notebook is that it is connected, with how many workers, and leads to the throughput', () => {
    const { text, action } = connectedLine('ttbar', view());
    assert.deepEqual([text, action.command], ['Connected to ttbar, 24 workers', commands.showThroughput]);
    assert.equal(connectedLine('ttbar', working(1)).text, 'Connected to ttbar, 1 worker');
    assert.equal(connectedLine('ttbar', working(0, 0)).text, 'Connected to ttbar, no worker yet');
    assert.equal(connectedLine('ttbar', view({ snapshot: undefined })).text, 'Connecting to ttbar');
  });

  const failed = (code: string): ClusterView => {
    const problems = [{ code, message: 'As its keeper says it.' }];
    return view({ snapshot: snapshot({ phase: 'failed', problems }) });
  };
  const hindered = (code: string): ClusterView =>
    view({ snapshot: snapshot({ problems: [{ code, message: 'As its keeper says it.' }] }) });
  const cells = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };
  for (const [id, cluster] of [
    ['closed', undefined],
    ['closed', view({ link: 'closed' })],
    ['keeper-gone', view({ link: 'lost' })],
    ['scheduler-gone', failed('scheduler-ended')],
    ['closing', view({ snapshot: snapshot({ phase: 'closing' }) })],
    ['relay-unreachable', hindered('relay-stranger')],
    ['idle-drained', hindered('idle-drained')],
    ['pool-failing', hindered('pool-stopped')],
  ] as const) {
    it(`in a notebook is the state ${id}, with what helps`, () => {
      const { text, action } = connectedLine('ttbar', cluster);
      assert.equal(text, `ttbar: ${stateOf(id).sentence}`);
      assert.equal(action.command, stateOf(id).action?.command ?? commands.showThroughput);
      assert.deepEqual(action.arguments, [{ kind: 'cluster', cluster: 'ttbar' }]);
    });
  }

  it('in a notebook is what is known exactly, where the mouse is', () => {
    assert.match(connectedLine('ttbar', hindered('relay-lost')).tooltip, /^As its keeper says it\. .*Set Relay$/);
  });

  it('in a notebook is that its own kernel has ended, and not that another has', () => {
    const dead = { id: 'k1', folder: '/k1', phase: 'dead' as const, cells };
    const cluster = view({ snapshot: snapshot({ kernels: [dead] }) });
    const { text, action } = connectedLine('ttbar', cluster, dead);
    assert.equal(text, `ttbar: ${stateOf('kernel-dead').sentence}`);
    assert.deepEqual(action.arguments, [{ kind: 'kernel', cluster: 'ttbar', kernel: 'k1' }]);
    const mine = { ...dead, id: 'k2', phase: 'idle' as const };
    for (const one of [undefined, mine, { ...dead, ended: 'its owner shut it down' }]) {
      assert.equal(connectedLine('ttbar', cluster, one).text, 'Connected to ttbar, 24 workers');
    }
  });
});
