import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LiveOutput } from '../../../src/notebook/liveOutput.js';
import { QueuedNotebooks } from '../../../src/notebook/queuedNotebooks.js';
import { RecordLines } from '../../../src/notebook/recordLines.js';

const esc = '\x1b';
const recorded = readFileSync(join(import.meta.dirname, 'fixtures', 'record.jsonl'));

describe('LiveOutput', () => {
  const shown = (bytes: Uint8Array, isTerminal = false): string => {
    const notebooks = new QueuedNotebooks();
    const live = new LiveOutput({ inPlace: isTerminal, colours: isTerminal }, notebooks);
    return new RecordLines()
      .feed(bytes)
      .map(({ line }) => {
        notebooks.hear(line);
        return live.hear(line);
      })
      .join('');
  };
  const cell = (...lines: readonly object[]): Uint8Array =>
    Buffer.from(
      [{ type: 'host', event: 'cell-started' }, ...lines, { type: 'host', event: 'cell-ended', status: 'done' }]
        .map((line) => `${JSON.stringify({ t: 1, cell: 'a', ...line })}\n`)
        .join(''),
    );
  const stream = (text: string, name = 'stdout'): object => ({ type: 'stream', content: { name, text } });

  it('shows a real run cell by cell, with its output, its errors and what was asked', () => {
    const text = shown(recorded);
    assert.match(
      text,
      /^\/home\/emmy\/notebook\/in\.ipynb → \/home\/emmy\/notebook\/out\.ipynb\n\[1\/11\] cell-1\nhello\n/,
    );
    assert.match(text, /\[2\/11\] cell-2\nout\nerr\nout again\n\[3\/11\] cell-3\n2 of 2\n\[4\/11\] cell-4\nold\nnew\n/);
    assert.match(text, /\[5\/11\] cell-5\n'first'\n\[6\/11\] cell-6\n'second'\n/);
    assert.match(text, /\[8\/11\] cell-8\n42\n\[9\/11\] cell-9\nName\? \nEmmy\n\[10\/11\] cell-10\n-+\n/);
    assert.match(text, /ZeroDivisionError: division by zero\n$/);
  });

  it('has colours and returns on a terminal, and nothing else that could control one', () => {
    assert.ok(!shown(recorded).includes(esc));
    assert.match(shown(recorded, true), /\r0 of 2\r1 of 2\r2 of 2\n/);
    const text = shown(
      cell(stream(`${esc}[31mred${esc}[2J${esc}]0;title\x07`), stream(`${esc}[1`), stream('A\x07 end')),
      true,
    );
    assert.equal(text, `${esc}[1ma${esc}[0m\n${esc}[31mred end${esc}[0m\n`);
  });

  it('writes whole lines where lines cannot be drawn over, as they ended', () => {
    assert.equal(
      shown(cell(stream('a'), stream('b\nc\r'), stream('d\n'), stream('bar 1\rbar 2'))),
      'a\nab\nd\nbar 2\n',
    );
  });

  it('begins a block on a line of its own', () => {
    const data = { type: 'execute_result', content: { data: { 'text/plain': '42' }, metadata: {} } };
    assert.equal(shown(cell(stream('no end'), data)), 'a\nno end\n42\n');
  });

  it('says why the kernel ended where no cell does', () => {
    const line = { t: 1, cell: null, type: 'host', event: 'kernel-ended', message: 'The kernel ended (SIGKILL).' };
    assert.equal(shown(Buffer.from(`${JSON.stringify(line)}\n`)), 'The kernel ended (SIGKILL).\n');
  });
});
