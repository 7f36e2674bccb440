import assert from 'node:assert/strict';
import { fromListenerSchema, fromRelaySchema, LineReader, writeLine } from '../../../src/relay/controlLines.js';
import { golden } from './golden.js';

describe('control lines', () => {
  for (const { name, from, line } of golden.controlLines) {
    it(`are read and written as the golden ${name}`, () => {
      const bytes = Buffer.from(`${line}\n`);
      const fromRelay = () => new LineReader(fromRelaySchema, 1000).push(bytes);
      const fromListener = () => new LineReader(fromListenerSchema, 1000).push(bytes);
      const [message] = from === 'relay' ? fromRelay() : fromListener();
      assert.ok(message);
      assert.equal(writeLine(message), `${line}\n`);
    });
  }

  it('are read however they come in pieces', () => {
    const reader = new LineReader(fromListenerSchema, 100);
    const bytes = Buffer.from('{"op":"pong"}\n{"op":"bye"}\n');
    assert.deepEqual(
      [...bytes].flatMap((byte) => reader.push(Buffer.of(byte))),
      [{ op: 'pong' }, { op: 'bye' }],
    );
  });

  for (const [what, line] of [
    ['no JSON', 'pong\n'],
    ['an operation that there is not', '{"op":"sing"}\n'],
    ['a subject that is no name', '{"op":"revoke","subjects":["a/b"]}\n'],
    ['more than a line may be long', `{"op":"${'x'.repeat(100)}`],
    ['a whole line that is too long', `{"op":"pong"${' '.repeat(100)}}\n`],
  ] as const) {
    it(`are refused when they are ${what}`, () => {
      assert.throws(() => new LineReader(fromListenerSchema, 100).push(Buffer.from(line)), { code: 'control-garbage' });
    });
  }
});
