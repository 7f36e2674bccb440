import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))]);
const executed = z.object({
  cells: z.array(
    z.object({
      id: z.string().optional(),
      outputs: z.array(z.object({ data: z.record(z.string(), z.unknown()).optional() })).optional(),
    }),
  ),
});

const kinds = [
  { mime: 'image/png', ending: 'png', decode: (data: string) => Buffer.from(data, 'base64') },
  { mime: 'image/svg+xml', ending: 'svg', decode: (data: string) => Buffer.from(data) },
] as const;

/**
 * Writes every picture that an executed notebook holds as a file of its own, `<cell id>[-<n>].png` and `.svg`.
 *
 * @returns the paths, in the order of the cells
 */
export async function writeFigures(notebook: string, folder: string): Promise<string[]> {
  const { cells } = executed.parse(JSON.parse(await readFile(notebook, 'utf8')));
  const written: string[] = [];
  for (const [index, cell] of cells.entries()) {
    for (const { mime, ending, decode } of kinds) {
      const pictures = (cell.outputs ?? []).flatMap(({ data }) => text.safeParse(data?.[mime]).data ?? []);
      for (const [number, picture] of pictures.entries()) {
        const name = cell.id ?? `cell-${index + 1}`;
        const path = join(folder, `${name}${number === 0 ? '' : `-${number + 1}`}.${ending}`);
        await writeFile(path, decode(picture));
        written.push(path);
      }
    }
  }
  return written;
}
