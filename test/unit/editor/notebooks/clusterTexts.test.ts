import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import type { ClusterView } from '../../../../src/editor/fleet.js';
import { connectedText, pickerTexts } from '../../../../src/editor/notebooks/clusterTexts.js';
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
    assert.equal(pickerTexts(view({ link: 'failed', trouble })).detail, 'The keeper did not start.');
    const problems = [{ code: 'scheduler-ended', message: 'The scheduler ended.' }];
    assert.equal(
      pickerTexts(view({ snapshot: snapshot({ phase: 'failed', problems }) })).detail,
      'The scheduler ended.',
    );
    assert.equal(pickerTexts(undefined).description, 'closed');
    assert.equal(pickerTexts(view({ link: 'closed' })).description, 'closed');
  });

  it('in a notebook is that it is connected, with how many workers', () => {
    assert.equal(connectedText('ttbar', view()), 'Connected to ttbar, 24 workers');
    assert.equal(connectedText('ttbar', working(1)), 'Connected to ttbar, 1 worker');
    assert.equal(connectedText('ttbar', working(0, 0)), 'Connected to ttbar, no worker yet');
  });

  it('in a notebook is every other state, too', () => {
    assert.equal(connectedText('ttbar', view({ snapshot: undefined })), 'Connecting to ttbar');
    assert.equal(connectedText('ttbar', view({ link: 'failed' })), 'ttbar does not answer');
    assert.equal(connectedText('ttbar', view({ snapshot: snapshot({ phase: 'failed' }) })), 'ttbar has failed');
    assert.equal(connectedText('ttbar', view({ snapshot: snapshot({ phase: 'closing' }) })), 'ttbar is being closed');
    assert.equal(connectedText('ttbar', undefined), 'ttbar is closed: start it again');
  });
});
