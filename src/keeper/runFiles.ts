import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { stateFolder } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { environmentDescription } from '../environment/description.js';
import {
  mostViewSeries,
  type RateCurve,
  rateCurve,
  runCell,
  runMark,
  runTotals,
  type ThroughputBy,
  type ThroughputView,
  workerRow,
} from './throughputApi.js';

/** A cluster's whole run, as it is kept when the cluster has ended: docs/throughput.md. */
export const runFile = z.object({
  version: z.literal(1),
  /** The cluster's: a name used again is another run. */
  id: z.string(),
  name: z.string(),
  /** Unix seconds; `endedAt` is null where it still ran. */
  begunAt: z.number(),
  endedAt: z.number().nullable(),
  times: z.array(z.number()),
  sites: z.array(rateCurve),
  workers: z.array(rateCurve),
  marks: z.array(runMark),
  cells: z.array(runCell),
  totals: runTotals,
  rows: z.array(workerRow),
  environment: environmentDescription.optional(),
});
export type RunFile = z.infer<typeof runFile>;

/** A kept run as it is chosen. */
export type RunSummary = Pick<RunFile, 'id' | 'name' | 'begunAt' | 'endedAt' | 'totals'>;

const runId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$/);
/** How many runs are kept. */
const mostRuns = 50;
const folderName = '.runs';

/** Keeps a run beside the clusters' folders, in place of what was kept of it before. @returns where */
export async function writeRun(state: string, run: RunFile): Promise<string> {
  const folder = join(state, folderName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = pathOf(folder, runId.parse(run.id));
  await writeAtomically(path, JSON.stringify(run));
  for (const old of (await newestFirst(folder)).slice(mostRuns)) await rm(old, { force: true });
  return path;
}

/** Whether something was kept of that run. */
export async function hasRun(state: string, id: string): Promise<boolean> {
  return (await unlessAbsent(stat(pathOf(join(state, folderName), id)))) !== undefined;
}

/** The runs that were kept on this computer, newest first; a file that cannot be read is left out. */
export async function listRuns(): Promise<RunSummary[]> {
  const paths = await newestFirst(join(await stateFolder(), folderName));
  const runs = await Promise.all(paths.map(async (path) => parsed(await unlessAbsent(readFile(path, 'utf8')))));
  return runs.flatMap((run) => {
    if (run === undefined) return [];
    const { id, name, begunAt, endedAt, totals } = run;
    return [{ id, name, begunAt, endedAt, totals }];
  });
}

/** @throws SitespanError `run-unknown`, `run-damaged` */
export async function readRun(id: string): Promise<RunFile> {
  const path = pathOf(join(await stateFolder(), folderName), runId.safeParse(id).data ?? '');
  const text = await unlessAbsent(readFile(path, 'utf8'));
  if (text === undefined) {
    throw new SitespanError('run-unknown', `No run ${id} is kept on this computer; the newest ${mostRuns} are.`);
  }
  const run = parsed(text);
  if (run === undefined) {
    throw new SitespanError(
      'run-damaged',
      `The run ${id} on this computer cannot be read (${path}); remove that file.`,
    );
  }
  return run;
}

/** A kept run as it is looked at, like one that goes on. */
export function viewOfRun(run: RunFile, by: ThroughputBy, include: readonly string[] = []): ThroughputView {
  const { times, marks, cells, totals } = run;
  const series = by === 'site' ? run.sites : fewer(run.workers, include);
  return { by, times, series: [...series], marks, cells, totals };
}

/** The busiest, and the rest as one. */
function fewer(curves: readonly RateCurve[], include: readonly string[]): RateCurve[] {
  if (curves.length <= mostViewSeries) return [...curves];
  const rank = (curve: RateCurve): number =>
    curve.site === '' ? -1 : include.includes(curve.name) ? Number.POSITIVE_INFINITY : total(curve);
  const chosen = new Set(curves.toSorted((a, b) => rank(b) - rank(a)).slice(0, mostViewSeries - 1));
  const rest = curves.filter((curve) => !chosen.has(curve));
  const summed = (what: 'events' | 'bytes'): number[] =>
    (curves[0]?.[what] ?? []).map((_, index) => rest.reduce((sum, curve) => sum + (curve[what][index] ?? 0), 0));
  const others: RateCurve = { name: 'others', site: '', events: summed('events'), bytes: summed('bytes') };
  return [...curves.filter((curve) => chosen.has(curve)), others];
}

function total({ events, bytes }: RateCurve): number {
  return events.reduce((sum, rate) => sum + rate, 0) * 1e6 + bytes.reduce((sum, rate) => sum + rate, 0);
}

function pathOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

async function newestFirst(folder: string): Promise<string[]> {
  const names = ((await unlessAbsent(readdir(folder))) ?? []).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.'),
  );
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      // Another keeper may just have removed it.
      return { path, at: (await unlessAbsent(stat(path)))?.mtimeMs ?? 0 };
    }),
  );
  return files.sort((a, b) => b.at - a.at).map(({ path }) => path);
}

function parsed(text: string | undefined): RunFile | undefined {
  if (text === undefined) return undefined;
  try {
    return runFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
