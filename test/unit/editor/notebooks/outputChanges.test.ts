import assert from 'node:assert/strict';
import { outputChanges } from '../../../../src/editor/notebooks/outputChanges.js';
import type { Output } from '../../../../src/notebook/outputs.js';

describe('Changes of outputs', () => {
  const stream = (text: string, name = 'stdout'): Output => ({ output_type: 'stream', name, text });
  const display = (text: string): Output => ({
    output_type: 'display_data',
    data: { 'text/plain': text },
    metadata: {},
  });

  it('are none where nothing has changed', () => {
    const outputs = [stream('a'), display('b')];
    assert.deepEqual(outputChanges(outputs, outputs), []);
    assert.deepEqual(outputChanges(outputs, [...outputs]), []);
  });

  it('are the new text alone when a stream grows', () => {
    assert.deepEqual(outputChanges([stream('1\n')], [stream('1\n2\n')]), [
      { kind: 'extend', at: 0, name: 'stdout', text: '2\n' },
    ]);
  });

  it('are another text when a progress bar is drawn anew', () => {
    const output = stream('100 %');
    assert.deepEqual(outputChanges([stream('10 %')], [output]), [{ kind: 'replace', at: 0, output }]);
  });

  it('are one output when a display is updated, and what has come since', () => {
    const [first, updated, last] = [stream('a'), display('after'), display('new')];
    assert.deepEqual(outputChanges([first, display('before')], [first, updated, last]), [
      { kind: 'replace', at: 1, output: updated },
      { kind: 'append', outputs: [last] },
    ]);
  });

  it('are everything when outputs were cleared, or another kind stands where one was', () => {
    const all = [{ kind: 'all' }];
    assert.deepEqual(outputChanges([stream('a'), display('b')], [stream('c')]), all);
    assert.deepEqual(outputChanges([stream('a')], []), all);
    assert.deepEqual(outputChanges([stream('a')], [display('a')]), all);
    assert.deepEqual(outputChanges([stream('a')], [stream('a', 'stderr')]), all);
  });
});
