import assert from 'node:assert/strict';
import {
  errorMime,
  type ShownOutput,
  sameOutputs,
  shownOutput,
  streamMimes,
} from '../../../../src/editor/notebooks/shownOutputs.js';
import type { Output } from '../../../../src/notebook/outputs.js';

describe('Outputs as VS Code shows them', () => {
  const display = (data: Record<string, unknown>): Output => ({ output_type: 'display_data', data, metadata: {} });
  const textOf = (shown: ShownOutput, mime: string): string | undefined => {
    const item = shown.items.find((one) => one.mime === mime);
    return item && Buffer.from(item.data).toString();
  };

  it('name their kind, so that the file has it', () => {
    const outputs: Output[] = [
      { output_type: 'stream', name: 'stdout', text: 'a' },
      { output_type: 'error', ename: 'E', evalue: 'v', traceback: [] },
      display({}),
      { output_type: 'execute_result', data: {}, metadata: { a: 1 }, execution_count: 3 },
    ];
    const metadata = outputs.map((output) => shownOutput(output).metadata);
    assert.deepEqual(
      metadata.map(({ outputType }) => outputType),
      ['stream', 'error', 'display_data', 'execute_result'],
    );
    assert.deepEqual(metadata[3], { outputType: 'execute_result', metadata: { a: 1 }, executionCount: 3 });
  });

  it('have each stream in its own form', () => {
    const mimeOf = (name: string): string | undefined =>
      shownOutput({ output_type: 'stream', name, text: 'a' }).items[0]?.mime;
    assert.deepEqual([mimeOf('stdout'), mimeOf('stderr')], [streamMimes.stdout, streamMimes.stderr]);
  });

  it('have the traceback in an error, and what it was in the file', () => {
    const error: Output = { output_type: 'error', ename: 'E', evalue: 'why', traceback: ['one', 'two'] };
    const shown = shownOutput(error);
    assert.deepEqual(JSON.parse(textOf(shown, errorMime) ?? ''), { name: 'E', message: 'why', stack: 'one\ntwo' });
    assert.equal(shown.metadata['originalError'], error);
  });

  it('have the best form first, one that we do not know before all, a widget last', () => {
    const widget = 'application/vnd.jupyter.widget-view+json';
    const plot = 'application/vnd.plot+json';
    const shown = shownOutput(
      display({ [widget]: {}, 'text/plain': 'a', 'image/png': '', 'text/html': '<b>a</b>', [plot]: {} }),
    );
    assert.deepEqual(
      shown.items.map(({ mime }) => mime),
      [plot, 'text/html', 'image/png', 'text/plain', widget],
    );
  });

  it('have pictures as bytes, drawings and lines as text, the rest as JSON', () => {
    const shown = shownOutput(
      display({
        'image/png': Buffer.from([1, 2, 3]).toString('base64'),
        'image/svg+xml': ['<svg>', '</svg>'],
        'text/plain': ['a\n', 'b'],
        'application/json': ['a', 'b'],
        'application/vnd.plot+json': { x: 1 },
      }),
    );
    assert.deepEqual([...(shown.items.find(({ mime }) => mime === 'image/png')?.data ?? [])], [1, 2, 3]);
    assert.equal(textOf(shown, 'image/svg+xml'), '<svg></svg>');
    assert.equal(textOf(shown, 'text/plain'), 'a\nb');
    assert.equal(textOf(shown, 'application/json'), '["a","b"]');
    assert.equal(textOf(shown, 'application/vnd.plot+json'), '{"x":1}');
  });

  it('are the same however a stream is cut, and in whichever order forms stand', () => {
    const stream: Output = { output_type: 'stream', name: 'stdout', text: '1\n2\n' };
    const [first, second] = ['1\n', '2\n'].map((text) => shownOutput({ ...stream, text }).items[0]);
    assert.ok(first && second);
    const cut = { items: [first, second], metadata: { outputType: 'stream' } };
    assert.ok(sameOutputs([cut], [stream]));
    const both = display({ 'text/html': 'a', 'text/plain': 'b' });
    const turned = { ...shownOutput(both), items: [...shownOutput(both).items].reverse() };
    assert.ok(sameOutputs([turned], [both]));
  });

  it('are not the same when something is missing, more, or of another kind', () => {
    const stream: Output = { output_type: 'stream', name: 'stdout', text: '1\n2\n' };
    const shown = shownOutput(stream);
    assert.ok(!sameOutputs([], [stream]));
    assert.ok(!sameOutputs([shown, shown], [stream]));
    assert.ok(!sameOutputs([shown], [{ ...stream, text: '1\n' }]));
    assert.ok(!sameOutputs([shown], [{ ...stream, name: 'stderr' }]));
    const data = { 'text/plain': 'a' };
    const result: Output = { output_type: 'execute_result', data, metadata: {} };
    assert.ok(!sameOutputs([shownOutput(display(data))], [result]));
  });
});
