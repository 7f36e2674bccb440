import assert from 'node:assert/strict';
import { attaching, runsToShow } from '../../../../src/editor/notebooks/attaching.js';
import { shownOutput } from '../../../../src/editor/notebooks/shownOutputs.js';
import type { Output } from '../../../../src/notebook/outputs.js';
import type { CellStatus, RecordedCell } from '../../../../src/notebook/record.js';

describe('Attaching to a run', () => {
  const output: Output = { output_type: 'stream', name: 'stdout', text: '1\n' };
  const run = (change: Partial<RecordedCell>): RecordedCell => ({
    id: 'run',
    document: '/n.ipynb',
    place: { index: 0 },
    status: 'done',
    count: 3,
    startedAt: 1,
    endedAt: 2,
    seen: false,
    prompt: undefined,
    outputs: [output],
    outputsVersion: 1,
    ...change,
  });
  const held = { executionOrder: 3, outputs: [shownOutput(output)] };
  const empty = { executionOrder: undefined, outputs: [] };

  it('shows what waits or runs, whatever the document has', () => {
    assert.equal(attaching(run({ status: 'queued' }), held), 'show');
    assert.equal(attaching(run({ status: 'running' }), held), 'show');
  });

  it('shows what ended meanwhile', () => {
    assert.equal(attaching(run({}), empty), 'show');
    assert.equal(attaching(run({ status: 'failed' }), { ...held, outputs: [] }), 'show');
    assert.equal(attaching(run({}), { ...held, executionOrder: 2 }), 'show');
  });

  it('leaves a document alone that holds it already, and notes that', () => {
    assert.equal(attaching(run({}), held), 'held');
  });

  it('leaves what a saved document held: it may have been cleared since', () => {
    assert.equal(attaching(run({ seen: true }), empty), 'leave');
  });

  it('leaves what was never run', () => {
    assert.equal(attaching(run({ status: 'skipped' }), empty), 'leave');
  });
});

describe('Runs of one cell', () => {
  const statuses = (...all: CellStatus[]): { status: CellStatus; at: number }[] =>
    all.map((status, at) => ({ status, at }));
  const shown = (...all: CellStatus[]): number[] => runsToShow(statuses(...all)).map(({ at }) => at);

  it('are shown by the last that ran', () => {
    assert.deepEqual(shown('done', 'failed', 'done'), [2]);
    assert.deepEqual(shown('done', 'skipped'), [0]);
  });

  it('are shown by those that are not over, in their order', () => {
    assert.deepEqual(shown('done', 'running', 'queued'), [1, 2]);
  });

  it('are not shown where none was run', () => {
    assert.deepEqual(shown('skipped'), []);
    assert.deepEqual(shown(), []);
  });
});
