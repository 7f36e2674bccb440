import assert from 'node:assert/strict';
import { stepDownRecord } from '../../../src/relay/outerTls.js';
import { RecordCutter } from '../../../src/relay/recordCutter.js';
import { golden } from './golden.js';

describe('RecordCutter', () => {
  const record = (type: number, length: number) =>
    Buffer.concat([Buffer.of(type, 3, 3, length >> 8, length & 255), Buffer.alloc(length, 7)]);
  const before = Buffer.concat([record(0x16, 300), record(0x17, 0), record(0x17, 16000)]);
  const after = Buffer.from('the first bytes of the peer');
  const all = Buffer.concat([before, stepDownRecord, after]);

  it('knows the golden step-down record', () => {
    assert.equal(Buffer.from(stepDownRecord).toString('hex'), golden.stepDown);
  });

  it('parts what came in one piece', () => {
    const { records, raw } = new RecordCutter().push(all);
    assert.deepEqual(records, before);
    assert.deepEqual(raw, after);
  });

  it('loses no byte at whatever place the stream is cut', () => {
    for (let at = 0; at <= all.length; at++) {
      const cutter = new RecordCutter();
      const first = cutter.push(all.subarray(0, at));
      if (first.raw === undefined) {
        const second = cutter.push(all.subarray(at));
        assert.deepEqual(Buffer.concat([first.records, second.records]), before);
        assert.deepEqual(second.raw, after);
      } else {
        assert.deepEqual(first.records, before);
        assert.deepEqual(Buffer.concat([first.raw, all.subarray(at)]), after);
      }
    }
  });

  it('gives whole records only', () => {
    const cutter = new RecordCutter();
    assert.equal(cutter.push(before.subarray(0, 304)).records.length, 0);
    assert.equal(cutter.push(before.subarray(304, 306)).records.length, 305);
  });
});
