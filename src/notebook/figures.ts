import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseNotebook } from './notebook.js';
import { multiline } from './outputs.js';

const kinds = [
  { mime: 'image/png', ending: 'png', decode: (data: string) => Buffer.from(data, 'base64') },
  { mime: 'image/svg+xml', ending: 'svg', decode: (data: string) => Buffer.from(data) },
] as const;

/**
 * Writes every picture that an executed notebook holds as a file of its own, `<cell id>[-<n>].png` and `.svg`.
 *
 * @returns the paths, in the order of the cells
 * @throws SitespanError `not-a-notebook`
 */
export async function writeFigures(notebook: string, folder: string): Promise<string[]> {
  const written: string[] = [];
  for (const { id, outputs } of parseNotebook(await readFile(notebook, 'utf8'), notebook)) {
    for (const { mime, ending, decode } of kinds) {
      const pictures = outputs.flatMap((one) =>
        'data' in one ? (multiline.safeParse(one.data[mime]).data ?? []) : [],
      );
      for (const [number, picture] of pictures.entries()) {
        const path = join(folder, `${id}${number === 0 ? '' : `-${number + 1}`}.${ending}`);
        await writeFile(path, decode(picture));
        written.push(path);
      }
    }
  }
  return written;
}
