import assert from 'node:assert/strict';
import { QueuedNotebooks } from '../../../src/notebook/queuedNotebooks.js';

describe('QueuedNotebooks', () => {
  const heard = (...events: readonly (readonly [event: string, more: object])[]): QueuedNotebooks => {
    const notebooks = new QueuedNotebooks();
    for (const [event, more] of events) notebooks.hear({ t: 1, cell: null, type: 'host', event, ...more });
    return notebooks;
  };
  const queued = [
    ['notebook-queued', { notebook: 'r', path: '/a.ipynb', save: '/b.ipynb' }],
    ['cell-queued', { cell: 'r:one' }],
    ['cell-queued', { cell: 'r:two' }],
  ] as const;

  it('knows each cell by its place in its notebook', () => {
    const notebooks = heard(...queued);
    assert.deepEqual(notebooks.cell('r:two'), { id: 'r:two', name: 'two', run: 'r', number: 2, status: 'queued' });
    assert.ok(notebooks.open);
  });

  it('has failed with the notebook that ended last, and no longer when another has ended well', () => {
    const failing = [
      ['cell-ended', { cell: 'r:one', status: 'failed' }],
      ['cell-skipped', { cell: 'r:two' }],
      ['notebook-ended', { notebook: 'r', status: 'failed' }],
    ] as const;
    const failed = heard(...queued, ...failing);
    assert.deepEqual([failed.open, failed.failed, failed.run('r')?.status], [false, true, 'failed']);
    const alone = [
      ['cell-queued', { cell: 'alone' }],
      ['cell-ended', { cell: 'alone', status: 'done' }],
    ] as const;
    assert.equal(heard(...queued, ...failing, ...alone).failed, false);
  });
});
