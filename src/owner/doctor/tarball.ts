import { gzipSync } from 'node:zlib';

export interface TarEntry {
  /** At most 100 bytes; with slashes for folders. */
  readonly name: string;
  readonly text: string;
}

const block = 512;

/** Files as a `.tar.gz` (POSIX ustar), all of mode 0600 and of nobody. @param at Unix seconds, of every file */
export function tarball(entries: readonly TarEntry[], at: number): Buffer {
  const parts = entries.flatMap(({ name, text }) => {
    const data = Buffer.from(text);
    return [header(name, data.length, at), data, Buffer.alloc((block - (data.length % block)) % block)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]));
}

function header(name: string, size: number, at: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is too long for a tar header`);
  const head = Buffer.alloc(block);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  head.write(name, 0);
  head.write(octal(0o600, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(size, 11), 124);
  head.write(octal(Math.floor(at), 11), 136);
  // The sum counts itself as blanks.
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\0', 257);
  head.write('00', 263);
  const sum = head.reduce((so, byte) => so + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}
