import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { unlessAbsent } from '../base/systemError.js';
import { secretMode, writeAtomically } from '../base/writeAtomically.js';
import type { Counts } from './api.js';

/** One moment of a run: what each worker had processed by then. */
export interface CurvePoint {
  readonly time: number;
  readonly workers: ReadonlyMap<string, Counts>;
}

/** A run's curve: its points, oldest first, and how far apart new ones are taken (seconds). */
export interface Curve {
  readonly points: readonly CurvePoint[];
  readonly spacingSeconds: number | undefined;
}

const line = z.union([
  z.object({ spacing: z.number().positive() }),
  z.object({ t: z.number(), w: z.record(z.string(), z.tuple([z.number(), z.number()])) }),
]);

/**
 * The curve of a run on disk, so that a keeper that was killed has not lost it: JSON lines, each with the workers whose
 * totals differ from the line before.
 *
 * It is a picture and not the truth about anything: nothing waits for the disk, a line that cannot be read is left out,
 * and what cannot be written is missing after the next kill, no more. As bounded as the curve: `replace` writes it anew.
 */
export class CurveFile {
  private turn: Promise<void> = Promise.resolve();
  private last: ReadonlyMap<string, Counts> = new Map();

  /** @param onFailure is told what could not be written */
  constructor(
    private readonly path: string,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Reads what an earlier keeper left, and goes on after it. */
  async load(): Promise<Curve> {
    const text = (await unlessAbsent(readFile(this.path, 'utf8'))) ?? '';
    const points: CurvePoint[] = [];
    let spacingSeconds: number | undefined;
    let workers: ReadonlyMap<string, Counts> = new Map();
    for (const one of text.split('\n').flatMap(parsed)) {
      if ('spacing' in one) {
        spacingSeconds = one.spacing;
        continue;
      }
      workers = new Map([
        ...workers,
        ...Object.entries(one.w).map(([name, counts]) => [name, countsOf(counts)] as const),
      ]);
      points.push({ time: one.t, workers });
    }
    this.last = workers;
    // A line that was torn must not swallow the next.
    if (text !== '' && !text.endsWith('\n')) this.write(() => appendFile(this.path, '\n'));
    return { points, spacingSeconds };
  }

  add(point: CurvePoint): void {
    const text = this.lineOf(point);
    this.write(() => appendFile(this.path, text, { mode: secretMode }));
  }

  /** Instead of all there was. */
  replace(points: readonly CurvePoint[], spacingSeconds: number): void {
    this.last = new Map();
    const lines = points.map((point) => this.lineOf(point));
    this.write(() => writeAtomically(this.path, `${JSON.stringify({ spacing: spacingSeconds })}\n${lines.join('')}`));
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    await this.turn;
  }

  private lineOf({ time, workers }: CurvePoint): string {
    const { last } = this;
    const changed = [...workers].filter(([name, { events, bytes }]) => {
      const before = last.get(name);
      return before?.events !== events || before.bytes !== bytes;
    });
    this.last = workers;
    const w = Object.fromEntries(changed.map(([name, { events, bytes }]) => [name, [events, bytes]]));
    return `${JSON.stringify({ t: time, w })}\n`;
  }

  private write(one: () => Promise<void>): void {
    this.turn = this.turn.then(one).catch((error: unknown) => this.onFailure(error));
  }
}

function parsed(text: string): z.infer<typeof line>[] {
  try {
    const one = line.safeParse(JSON.parse(text));
    return one.success ? [one.data] : [];
  } catch {
    return [];
  }
}

function countsOf([events, bytes]: readonly [number, number]): Counts {
  return { events, bytes };
}
