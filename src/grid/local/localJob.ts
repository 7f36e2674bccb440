import { chmod, cp, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { exitOf, type KeptExit, keptOf, startKept } from '../../base/child/kept.js';
import { SitespanError } from '../../base/errors.js';
import { privateFolder } from '../../base/privateFolder.js';
import { unlessAbsent } from '../../base/systemError.js';
import { writeAtomically, writeOnce } from '../../base/writeAtomically.js';
import type { JobIntent, JobPhase, JobState } from '../grid.js';

const jobSchema = z.object({
  version: z.literal(1),
  mark: z.string(),
  sites: z.array(z.string()),
  cores: z.int().positive(),
  walltimeSeconds: z.int().positive(),
  executable: z.string(),
  environment: z.record(z.string(), z.string()),
  submittedAtMs: z.number(),
});
const placeSchema = z.object({ site: z.string() });

const logLimitBytes = 16 * 1024 * 1024;
const outputLimitBytes = 1024 * 1024;

/**
 * One job of this computer, which is a folder: `job.json` (what was asked), `work/` (the job's own), `place.json` (its site), `killed`
 * (that it was), `unstartable`, and what `base/child/kept.ts` keeps there. The folder is all there is; this reads it.
 */
export class LocalJob {
  private constructor(
    readonly id: string,
    readonly folder: string,
    readonly asked: Readonly<z.infer<typeof jobSchema>>,
  ) {}

  /** Fills `folder` with a job; whoever calls gives the folder its final name afterwards, all at once. */
  static async prepare(folder: string, intent: JobIntent, sites: readonly string[]): Promise<void> {
    await privateFolder(folder);
    const work = join(folder, 'work');
    await cp(intent.sandbox, work, { recursive: true, dereference: true });
    await privateFolder(work);
    await chmod(join(work, intent.executable), 0o700);
    const { mark, cores, walltimeSeconds, executable, environment } = intent;
    const asked: z.infer<typeof jobSchema> = {
      version: 1,
      ...{ mark, sites: [...sites], cores, walltimeSeconds, executable, environment },
      submittedAtMs: Date.now(),
    };
    await writeAtomically(join(folder, 'job.json'), JSON.stringify(asked));
  }

  static async read(id: string, folder: string): Promise<LocalJob> {
    try {
      return new LocalJob(id, folder, jobSchema.parse(JSON.parse(await readFile(join(folder, 'job.json'), 'utf8'))));
    } catch (cause) {
      throw new SitespanError('local-job-unreadable', `The local grid cannot read ${folder}/job.json.`, { cause });
    }
  }

  async state(): Promise<JobState> {
    const marked = await keptOf(this.folder);
    const exit = marked === undefined ? undefined : await exitOf(this.folder);
    // Marked and not begun: who started it was killed in between, so it waits for its start still.
    const kept = exit?.because === 'never-began' ? undefined : marked;
    const site = kept === undefined ? undefined : await this.site();
    const is = (phase: JobPhase, gridWords: string, atMs: number, exitCode?: number): JobState => ({
      ...{ id: this.id, phase, gridWords, atMs },
      ...(site === undefined ? {} : { site }),
      ...(exitCode === undefined ? {} : { exitCode }),
    });
    const killedAtMs = await this.killedAtMs();
    if (kept === undefined) {
      if (killedAtMs !== undefined) return is('killed', 'Killed while waiting', killedAtMs);
      const obstacle = await unlessAbsent(readFile(this.path('unstartable'), 'utf8'));
      if (obstacle !== undefined) return is('failed', obstacle, this.asked.submittedAtMs);
      return is(
        'waiting',
        `Waiting for ${this.asked.cores} free slots at ${this.asked.sites.join(' or ')}`,
        this.asked.submittedAtMs,
      );
    }
    if (exit === undefined) {
      const words = `Running as process ${kept.mark.pid}`;
      return is('running', killedAtMs === undefined ? words : `${words}, being killed`, kept.startedAtMs);
    }
    const atMs = exit.atMs ?? kept.startedAtMs;
    const [phase, words] = ending(exit, killedAtMs !== undefined, this.asked.walltimeSeconds);
    return is(phase, words, atMs, exit.code);
  }

  /** Where it runs or ran. */
  async site(): Promise<string | undefined> {
    const text = await unlessAbsent(readFile(this.path('place.json'), 'utf8'));
    return text === undefined ? undefined : placeSchema.parse(JSON.parse(text)).site;
  }

  /**
   * Starts it there; `graceMs` is between TERM and KILL when its walltime is over. A job that cannot be started has failed; it does not hold the others up.
   *
   * @param enter a command that runs the job's in the site's own surroundings; none runs it as it is
   */
  async start(
    site: string,
    enter: readonly string[],
    surroundings: Readonly<Record<string, string>>,
    graceMs: number,
  ): Promise<void> {
    await writeAtomically(this.path('place.json'), JSON.stringify({ site }));
    const work = this.path('work');
    const program = join(work, this.asked.executable);
    try {
      await startKept({
        folder: this.folder,
        // env(1) finds the command to enter by in PATH, and becomes it.
        ...(enter.length === 0
          ? { command: program, args: [] }
          : { command: '/usr/bin/env', args: [...enter, program] }),
        env: {
          ...{ ...surroundings, ...this.asked.environment, SITESPAN_JOB: this.id, SITESPAN_SITE: site },
          SITESPAN_JOB_ENDS: String(Math.floor(Date.now() / 1000) + this.asked.walltimeSeconds),
        },
        cwd: work,
        logLimitBytes,
        walltimeSeconds: this.asked.walltimeSeconds,
        graceSeconds: graceMs / 1000,
      });
    } catch (error) {
      await writeOnce(this.path('unstartable'), error instanceof Error ? error.message : String(error));
    }
  }

  async markKilled(): Promise<void> {
    await writeOnce(this.path('killed'), '');
  }

  /** When its end was asked for, Unix milliseconds. */
  async killedAtMs(): Promise<number | undefined> {
    return (await unlessAbsent(stat(this.path('killed'))))?.mtimeMs;
  }

  /** The end of its log, what was cut off from it included. */
  async output(): Promise<string> {
    const newest = await endOf(this.path('log'), outputLimitBytes);
    const older = await endOf(this.path('log.old'), outputLimitBytes - newest.length);
    return Buffer.concat([older, newest]).toString('utf8');
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

function ending(exit: KeptExit, killed: boolean, walltimeSeconds: number): readonly [JobPhase, string] {
  if (killed) return ['killed', 'Killed'];
  if (exit.because === 'walltime') return ['failed', `Ended since its walltime of ${walltimeSeconds} s was over`];
  if (exit.code === undefined)
    return ['failed', 'Vanished without an exit code: killed from outside, or this computer was restarted'];
  if (exit.code === 0) return ['done', 'Exited with 0'];
  return ['failed', `Exited with ${exit.code}${exit.code > 128 ? ` (signal ${exit.code - 128})` : ''}`];
}

async function endOf(path: string, limitBytes: number): Promise<Buffer> {
  const file = await unlessAbsent(open(path, 'r'));
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, limitBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
