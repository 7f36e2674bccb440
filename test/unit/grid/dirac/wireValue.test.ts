import assert from 'node:assert/strict';
import { bytesArgument, parseWire } from '../../../../src/grid/dirac/wireValue.js';

describe("DIRAC's JSON", () => {
  it('brings times, dates and bytes', () => {
    const text = JSON.stringify({
      at: { __dCls: 'dt', obj: '2026-11-22 13:01:12' },
      day: { __dCls: 'date', obj: '2026-11-22' },
      content: { __dCls: 'b64', obj: 'aGVsbG8=' },
    });
    assert.deepEqual(parseWire(text), {
      at: Date.UTC(2026, 10, 22, 13, 1, 12),
      day: Date.UTC(2026, 10, 22),
      content: Buffer.from('hello'),
    });
  });

  it('leaves alone what it does not know', () => {
    assert.deepEqual(parseWire('{"a": {"__dCls": "set", "obj": [1]}}'), { a: { __dCls: 'set', obj: [1] } });
  });

  it('takes bytes along unchanged', () => {
    const bytes = Buffer.from([0, 255, 10, 34]);
    assert.deepEqual(parseWire(JSON.stringify(bytesArgument(bytes))), bytes);
  });
});
