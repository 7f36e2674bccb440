import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive, processMark, processMarkSchema, whereIs } from './child/processMark.js';
import { SitespanError } from './errors.js';
import { beat, beatsLately } from './heartbeat.js';
import { unlessAbsent } from './systemError.js';
import { writeOnce } from './writeAtomically.js';

const beatEveryMs = 30_000;

/** The right to be the only one, until it is released or its process ends. */
export interface Held {
  release(): Promise<void>;
}

/**
 * Makes this process the only one on this host that holds `path`, e.g. `…/journal.jsonl`.
 *
 * Each who wants it first says so in a file of its own, `<path>.held.<pid>.<start>`, then looks for others: of two at least one
 * sees the other, and nobody ever removes a living one's file. (One shared lock file cannot be taken over from a dead
 * process without a moment in which two take it over.) Two at the very same moment may both be refused.
 * A holder elsewhere, whose process cannot be seen from here, counts while it renews its file.
 *
 * @throws SitespanError `already-held`, also when this process holds it already.
 */
export async function holdAlone(path: string): Promise<Held> {
  const mine = await processMark();
  if (mine === undefined)
    throw new SitespanError('no-process-mark', 'This computer does not show this process to itself.');
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const prefix = `${basename(path)}.held.`;
  // Two containers may both have a process 7 that started in the same instant.
  const ownName = [`${prefix}${mine.pid}`, mine.started, mine.pids ?? '']
    .map((part) => part.replaceAll(/[^A-Za-z0-9._-]/g, '-'))
    .join('.');
  if (!(await writeOnce(join(folder, ownName), JSON.stringify(mine)))) throw alreadyHeld(path, mine.pid);
  const own = join(folder, ownName);
  const beating = setInterval(() => void beat(own).catch(() => undefined), beatEveryMs).unref();
  const release = (): Promise<void> => {
    clearInterval(beating);
    return rm(own, { force: true });
  };
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || name === ownName) continue;
    const holder = await livingHolder(join(folder, name));
    if (holder === undefined) {
      await rm(join(folder, name), { force: true });
    } else {
      await release();
      throw alreadyHeld(path, holder);
    }
  }
  return { release };
}

async function livingHolder(path: string): Promise<number | undefined> {
  const text = await unlessAbsent(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  const mark = processMarkSchema.parse(JSON.parse(text));
  const lives = (await whereIs(mark)) === 'elsewhere' ? await beatsLately(path) : await isAlive(mark);
  return lives ? mark.pid : undefined;
}

function alreadyHeld(path: string, pid: number): SitespanError {
  return new SitespanError('already-held', `${path} is already in use by process ${pid} on this computer.`);
}
