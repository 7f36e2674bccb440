import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../base/systemError.js';

const chunkBytes = 4_000_000;

/** A kernel's record as it lies on the disk, from a byte on, in chunks of whole lines: for one whose host has ended. */
export async function* recordFile(folder: string, offset: number): AsyncGenerator<Buffer, void> {
  const file = await unlessAbsent(open(join(folder, 'record.jsonl')));
  if (file === undefined) return;
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const piece of file.createReadStream({ start: offset, highWaterMark: chunkBytes, autoClose: false })) {
      const data = Buffer.concat([rest, Buffer.from(piece)]);
      // A host that was killed may have left half a line.
      const end = data.lastIndexOf('\n') + 1;
      rest = data.subarray(end);
      if (end > 0) yield data.subarray(0, end);
    }
  } finally {
    await file.close();
  }
}
