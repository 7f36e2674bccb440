import { writeSync } from 'node:fs';

/**
 * Writes lines to a descriptor, and goes on when that fails: Node's own streams end for ever at the first full disk, and a
 * process must not end for its log.
 *
 * @returns a sink of whole lines; after a failure the next line that can be written is preceded by how many were lost
 */
export function lineSink(descriptor: number, write: (descriptor: number, line: string) => void = writeWhole) {
  let lost = 0;
  return (line: string): void => {
    try {
      // After half a line a new one begins.
      if (lost > 0)
        write(descriptor, `\n${JSON.stringify({ t: new Date().toISOString(), message: 'lines lost', lost })}\n`);
      lost = 0;
      write(descriptor, line);
    } catch {
      lost++;
    }
  };
}

function writeWhole(descriptor: number, line: string): void {
  const data = Buffer.from(line);
  for (let written = 0; written < data.length; ) written += writeSync(descriptor, data, written);
}
