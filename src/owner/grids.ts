import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { inTurn } from '../base/inTurn.js';
import { privateFolder } from '../base/privateFolder.js';
import { configPath } from '../base/runtimePaths.js';
import { storageTrouble } from '../base/storageTrouble.js';
import { unlessAbsent } from '../base/systemError.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { type GridDescription, gridDescription } from '../grid/dirac/gridDescription.js';
import { gridName } from '../grid/gridSpec.js';

/** The grids that a person has added, by the name they gave. No secret is in it: proxies are named by their paths. */
export type Grids = Readonly<Record<string, GridDescription>>;

const gridsFile = z.strictObject({
  version: z.literal(1),
  grids: z
    .record(gridName, gridDescription)
    .refine((grids) => !('local' in grids), '"local" is the name of this computer as a grid.'),
});
const newerFile = z.object({ version: z.number().gt(1) });

/** Where they lie; homes are shared between hosts, and grids are the same from all of them. */
export function gridsPath(env?: Readonly<Record<string, string | undefined>>): string {
  return join(configPath(env), 'grids.json');
}

/** @throws SitespanError `grids-damaged`, `grids-newer` */
export async function readGrids(): Promise<Grids> {
  const path = gridsPath();
  const text = await unlessAbsent(readFile(path, 'utf8'));
  if (text === undefined) return {};
  const json = parsedJson(text);
  const parsed = gridsFile.safeParse(json);
  if (parsed.success) return parsed.data.grids;
  if (newerFile.safeParse(json).success) {
    throw new SitespanError('grids-newer', `${path} was written by a newer Sitespan than this one; update this one.`);
  }
  throw new SitespanError(
    'grids-damaged',
    `The list of grids ${path} on this computer cannot be read; put that file right, or remove it and add your grids again.`,
    { cause: parsed.error },
  );
}

/** @throws SitespanError `grid-unknown`; as `readGrids` */
export async function readGrid(name: string): Promise<GridDescription> {
  const grids = await readGrids();
  const found = Object.hasOwn(grids, name) ? grids[name] : undefined;
  if (found !== undefined) return found;
  const there = Object.keys(grids);
  const has = there.length === 0 ? 'none has been added' : `there are ${there.join(', ')}`;
  throw new SitespanError(
    'grid-unknown',
    `There is no grid ${name} on this computer (${has}); add one with "sitespan grid add ${name}".`,
  );
}

/**
 * Adds a grid; clusters that are there keep what they were made with.
 *
 * @param replace whether one of that name gives way
 * @throws SitespanError `grid-exists`, `name-invalid`; the storage's; as `readGrids`
 */
export async function addGrid(name: string, description: GridDescription, replace = false): Promise<void> {
  const parsed = gridName.safeParse(name);
  if (!parsed.success || name === 'local') {
    const why = parsed.success ? '"local" is this computer.' : (parsed.error.issues[0]?.message ?? '');
    throw new SitespanError('name-invalid', `${JSON.stringify(name)} cannot be a grid's name. ${why}`);
  }
  await change((grids) => {
    if (Object.hasOwn(grids, name) && !replace) {
      throw new SitespanError(
        'grid-exists',
        `There is a grid ${name} on this computer already; choose another name, or replace it with --replace.`,
      );
    }
    return { ...grids, [name]: description };
  });
}

/** Clusters that use it keep what they were made with. @throws SitespanError `grid-unknown`; as `addGrid` */
export async function removeGrid(name: string): Promise<void> {
  await readGrid(name);
  await change((grids) => Object.fromEntries(Object.entries(grids).filter(([one]) => one !== name)));
}

/** One at a time: of two that add a grid at once, neither may be lost. */
async function change(work: (grids: Grids) => Grids): Promise<void> {
  const path = gridsPath();
  try {
    await privateFolder(configPath());
    await inTurn(path, async () => {
      const grids = work(await readGrids());
      await writeAtomically(path, `${JSON.stringify({ version: 1, grids }, null, 2)}\n`);
    });
  } catch (error) {
    throw storageTrouble(error, 'The list of grids could not be written', path) ?? error;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
