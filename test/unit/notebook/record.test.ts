import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseNotebook } from '../../../src/notebook/notebook.js';
import { outputText } from '../../../src/notebook/outputText.js';
import { KernelRecord } from '../../../src/notebook/record.js';

// What a real host (`python -m sitespan.kernels`, ipykernel 7.4) wrote of one notebook: its record, the executed notebook.
const fixtures = join(fileURLToPath(new URL('.', import.meta.url)), 'fixtures');
const bytes = readFileSync(join(fixtures, 'record.jsonl'));
const executed = parseNotebook(readFileSync(join(fixtures, 'executed.ipynb'), 'utf8'), 'executed.ipynb');

describe('KernelRecord', () => {
  const folded = (pieces: readonly Uint8Array[]): KernelRecord => {
    const record = new KernelRecord();
    for (const piece of pieces) record.feed(piece);
    return record;
  };
  const line = (more: object): Uint8Array => Buffer.from(`${JSON.stringify({ t: 1, cell: 'a', ...more })}\n`);
  const stream = (text: string): Uint8Array => line({ type: 'stream', content: { name: 'stdout', text } });

  it('knows how every cell of a real run ended', () => {
    assert.deepEqual(
      folded([bytes]).cells.map(({ status }) => status),
      ['done', 'done', 'done', 'done', 'done', 'done', 'done', 'done', 'done', 'failed', 'skipped'],
    );
  });

  it('folds the messages into the outputs that the host wrote into the executed notebook', () => {
    const { cells } = folded([bytes]);
    assert.deepEqual(
      cells.map(({ id, count, outputs }) => ({ id, count, outputs })),
      executed.map(({ id, count, outputs }) => ({ id: `run:${id}`, count, outputs })),
    );
  });

  it('gives the same whatever the pieces it is fed', () => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) => bytes.subarray(7 * n, 7 * n + 7));
    assert.deepEqual(folded(pieces).cells, folded([bytes]).cells);
    assert.equal(folded(pieces).offset, bytes.length);
  });

  it('goes on after a loss from the end of the last whole line', () => {
    const cut = Math.floor(bytes.length / 2);
    const record = folded([bytes.subarray(0, cut)]);
    assert.ok(record.offset <= cut);
    record.resume();
    record.feed(bytes.subarray(record.offset));
    assert.deepEqual(record.cells, folded([bytes]).cells);
  });

  it('shows a running cell with its times and what it asks for', () => {
    const record = folded([
      line({ type: 'host', event: 'cell-queued' }),
      line({ t: 5, type: 'host', event: 'cell-started' }),
      line({ type: 'execute_input', content: { execution_count: 4 } }),
      line({ type: 'input_request', content: { prompt: 'Name? ', password: false } }),
    ]);
    const { id, status, count, startedAt, endedAt, prompt } = record.cells[0] ?? {};
    assert.deepEqual(
      { id, status, count, startedAt, endedAt },
      { id: 'a', status: 'running', count: 4, startedAt: 5000, endedAt: undefined },
    );
    assert.deepEqual(prompt, { text: 'Name? ', password: false });
    record.feed(line({ type: 'host', event: 'input-answered' }));
    assert.equal(record.cells[0]?.prompt, undefined);
  });

  it('follows a document to its new name', () => {
    const queued = (cell: string, document: string) => line({ cell, type: 'host', event: 'cell-queued', document });
    const moved = {
      cell: null,
      type: 'host',
      event: 'document-moved',
      before: 'untitled:1',
      document: 'file:///n.ipynb',
    };
    const { cells } = folded([queued('a', 'untitled:1'), queued('b', 'file:///other.ipynb'), line(moved)]);
    assert.deepEqual(
      cells.map(({ document }) => document),
      ['file:///n.ipynb', 'file:///other.ipynb'],
    );
  });

  it('keeps what the host had to say to a person', () => {
    const message = 'The kernel ended (SIGKILL: out of memory?).';
    assert.deepEqual(folded([line({ cell: null, type: 'host', event: 'kernel-ended', message })]).notes, [message]);
  });

  it('clears at once, or with the next output', () => {
    const text = (...pieces: Uint8Array[]): string =>
      folded(pieces)
        .cells.map(({ outputs }) => outputText(outputs))
        .join();
    const clear = (wait: boolean): Uint8Array => line({ type: 'clear_output', content: { wait } });
    assert.equal(text(stream('a'), clear(false)), '');
    assert.equal(text(stream('a'), clear(true)), 'a');
    assert.equal(text(stream('a'), clear(true), stream('b'), stream('c')), 'bc');
  });

  it('passes over lines that it does not understand', () => {
    const record = folded([Buffer.from('{"t":1\n[]\n'), line({ type: 'host' }), stream('read')]);
    assert.equal(outputText(record.cells[0]?.outputs ?? []), 'read');
  });

  it('keeps head and tail of endless output', () => {
    const chunk = `${'x'.repeat(99)}\n`.repeat(5000);
    const [cell] = folded(['first\n', ...Array(6).fill(chunk), 'last\n'].map(stream)).cells;
    const text = outputText(cell?.outputs ?? []);
    assert.ok(text.length < 2_100_000);
    assert.match(text, /^first\n.*output left out.*last\n$/s);
  });
});
