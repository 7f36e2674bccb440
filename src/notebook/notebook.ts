import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { multiline, type Output, output } from './outputs.js';

const anyNotebook = z.object({ nbformat: z.int() });
const notebookFour = z.object({
  cells: z.array(
    z.object({
      id: z.string().optional(),
      cell_type: z.string(),
      source: multiline,
      execution_count: z.int().nullable().optional(),
      outputs: z.array(z.unknown()).optional(),
    }),
  ),
});

export interface CodeCell {
  /** Fit for a file's name: the notebook's own id where it has one that nbformat allows, else `cell-<index>`. */
  readonly id: string;
  /** Its place among all cells, from 0. */
  readonly index: number;
  readonly source: string;
  readonly count: number | undefined;
  readonly outputs: readonly Output[];
}

/**
 * The code cells of a notebook, of nbformat 4 (specified by the nbformat project, "The Notebook file format").
 *
 * @param text the file's content; `name` what to call it in an error
 * @throws SitespanError `not-a-notebook`: not JSON, no notebook, an older version, without code
 */
export function parseNotebook(text: string, name: string): readonly CodeCell[] {
  const content = parseJson(text, name);
  const version = anyNotebook.safeParse(content).data?.nbformat;
  if (version === undefined) throw refusal(`${name} is not a notebook: it has no nbformat version.`);
  if (version !== 4) {
    const remedy = version < 4 ? 'open and save it once with Jupyter, which makes it version 4' : 'update Sitespan';
    throw refusal(`${name} is a notebook of version ${version}, and Sitespan reads version 4; ${remedy}.`);
  }
  const { data, error } = notebookFour.safeParse(content);
  if (data === undefined) {
    const where = error.issues[0]?.path.join('.');
    throw refusal(`${name} is not a notebook: what it has at ${where} is not what nbformat 4 has there.`);
  }
  const known = new Set<string>();
  const cells = data.cells.flatMap((cell, index) => {
    if (cell.cell_type !== 'code') return [];
    const own = cell.id !== undefined && /^[\w-]{1,64}$/.test(cell.id) && !known.has(cell.id) ? cell.id : undefined;
    const id = own ?? `cell-${index}`;
    known.add(id);
    // An output of a kind that came after this was written is left out, not a reason to refuse the notebook.
    const outputs = (cell.outputs ?? []).flatMap((one) => output.safeParse(one).data ?? []);
    return [{ id, index, source: cell.source, count: cell.execution_count ?? undefined, outputs }];
  });
  if (cells.length === 0) throw refusal(`The notebook ${name} has no code cells.`);
  return cells;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal(`${name} is not a notebook: it is not JSON.`, cause);
  }
}

function refusal(message: string, cause?: unknown): SitespanError {
  return new SitespanError('not-a-notebook', message, { cause });
}
