import { readFile, writeFile } from 'node:fs/promises';
import { parseNotebook } from '../../../src/notebook/notebook.js';
import { outputText } from '../../../src/notebook/outputText.js';

/** Writes a notebook of code cells, by id; an id that begins with `parameters` gets that tag. */
export async function writeNotebook(path: string, cells: Readonly<Record<string, string>>): Promise<string> {
  const written = Object.entries(cells).map(([id, source]) => ({
    cell_type: 'code',
    id,
    metadata: id.startsWith('parameters') ? { tags: ['parameters'] } : {},
    source,
    outputs: [],
    execution_count: null,
  }));
  await writeFile(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: written }));
  return path;
}

/** What each cell of an executed notebook shows, by its id. */
export async function shownIn(path: string): Promise<Record<string, string>> {
  const cells = parseNotebook(await readFile(path, 'utf8'), path);
  return Object.fromEntries(cells.map(({ id, outputs }) => [id, outputText(outputs)]));
}
