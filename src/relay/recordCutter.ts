import { stepDownRecord } from './outerTls.js';

export interface Cut {
  /** Whole TLS records, for the engine. */
  readonly records: Buffer;
  /** What came after the step-down record; undefined while that has not come. */
  readonly raw: Buffer | undefined;
}

/**
 * Cuts what the relay sends into TLS records, up to the one by which it steps down (docs/relay.md).
 *
 * @remarks A TLS 1.3 record's type is in clear, and 0x18 (heartbeat) is never agreed on here, so the mark is unmistakable.
 */
export class RecordCutter {
  private rest = Buffer.alloc(0);

  push(chunk: Buffer): Cut {
    const got = Buffer.concat([this.rest, chunk]);
    let end = 0;
    while (got.length - end >= 5) {
      const next = end + 5 + got.readUInt16BE(end + 3);
      if (next > got.length) break;
      if (got[end] === stepDownRecord[0]) return { records: got.subarray(0, end), raw: got.subarray(next) };
      end = next;
    }
    this.rest = got.subarray(end);
    return { records: got.subarray(0, end), raw: undefined };
  }
}
