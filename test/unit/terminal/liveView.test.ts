import assert from 'node:assert/strict';
import { liveLines } from '../../../src/terminal/liveView.js';
import { snapshotWith } from '../keeper/snapshots.js';

const idle = { eventsPerSecond: 0, bytesPerSecond: 0, events: 0, bytes: 0 };

describe('liveLines', () => {
  it('shows a cluster that has nothing yet', () => {
    assert.deepEqual(liveLines(snapshotWith(), {}), [
      'ttbar  0/0 workers',
      '       0 Hz     0.0 MB/s   0.0 kB read   0 tasks running, 0 waiting',
    ]);
  });

  it('shows how far, how fast, and what each site does', () => {
    const snapshot = snapshotWith({
      pools: [
        { name: 'main', sites: ['north', 'southgrid'], desired: 4, lives: { working: 3, submitted: 1 } },
        { name: 'gpu', sites: ['north'], desired: 2, lives: {} },
      ],
      sites: [
        {
          ...{ site: 'north', events: 1_500_000, bytes: 3e7, eventsPerSecond: 45_600, bytesPerSecond: 9.1e6 },
          lives: { working: 2, ended: 1 },
        },
        {
          ...{ site: 'southgrid', events: 250, bytes: 5000, eventsPerSecond: 0, bytesPerSecond: 0 },
          lives: { working: 1, submitted: 1, waiting: 2, draining: 1 },
        },
      ],
      total: {
        ...{ events: 1_500_250, bytes: 30_005_000, eventsPerSecond: 45_600, bytesPerSecond: 9.1e6 },
        again: { events: 0, bytes: 0 },
      },
      tasks: { waiting: 7, processing: 3, memory: 1, erred: 0 },
    });
    assert.deepEqual(liveLines(snapshot, { events: 3_000_500 }, 12.4), [
      'ttbar  3/6 workers  12 s  [████████████████················]  1,500,250 of 3,000,500 events',
      '   45.6 kHz     9.1 MB/s   30.0 MB read   3 tasks running, 7 waiting',
      '  north        2 working   45.6 kHz     9.1 MB/s    1,500,000 events',
      '  southgrid    1 working, 3 coming       0 Hz     0.0 MB/s          250 events',
    ]);
  });

  it('takes what was done twice for no progress, and says that it was', () => {
    const total = { ...idle, events: 300, again: { events: 100, bytes: 0 } };
    const lines = liveLines(snapshotWith({ total }), { events: 400 });
    assert.equal(lines[0], 'ttbar  0/0 workers  [████████████████················]  200 of 400 events');
    assert.equal(lines.at(-1), '  100 events were processed twice, since a worker was lost');
  });

  it('says how far a notebook is, and nothing of a kernel that was asked for no cell', () => {
    const cells = { queued: 3, running: 1, done: 8, failed: 0, skipped: 0 };
    const none = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };
    const kernels = [
      { id: 'k1', folder: '/k1', phase: 'busy' as const, cells },
      { id: 'k2', folder: '/k2', phase: 'idle' as const, cells: none },
    ];
    assert.deepEqual(liveLines(snapshotWith({ kernels }), {}).slice(2), ['  notebook: 8 of 12 cells done']);
  });

  it('says what is wrong', () => {
    const problems = [
      { code: 'pool-stopped', message: 'Pool main lost 3 workers.' },
      { code: 'scheduler-ended', message: 'The scheduler was killed.' },
    ];
    assert.deepEqual(liveLines(snapshotWith({ problems }), {}).slice(2), [
      '  ! Pool main lost 3 workers.',
      '  ! The scheduler was killed.',
    ]);
  });

  for (const [what, done, all, bar] of [
    ['empty at the start', 0, 100, '·'.repeat(32)],
    ['full at the end', 100, 100, '█'.repeat(32)],
    ['full where more was done than was thought', 150, 100, '█'.repeat(32)],
    ['empty where there is nothing to do', 0, 0, '·'.repeat(32)],
  ] as const) {
    it(`has a bar that is ${what}`, () => {
      const total = { ...idle, events: done, again: { events: 0, bytes: 0 } };
      assert.ok(liveLines(snapshotWith({ total }), { events: all })[0]?.includes(`[${bar}]`));
    });
  }
});
