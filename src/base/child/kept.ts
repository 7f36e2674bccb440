import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { SitespanError } from '../errors.js';
import { privateFolder } from '../privateFolder.js';
import { isSystemError, unlessAbsent } from '../systemError.js';
import { sleep } from '../waiting.js';
import { secretMode, writeOnce } from '../writeAtomically.js';
import { keptWrapper } from './keptWrapper.js';
import { isGroupAlive, processMark, processMarkSchema } from './processMark.js';

/** A child that goes on when its starter is killed, and is adopted by the next. */
export interface KeptOptions {
  /** Where it is known: `kept.json` (its mark), `log`, `log.old`, `exit`. Made 0700. One child at a time. */
  readonly folder: string;
  /** An absolute path; never a shell line. */
  readonly command: string;
  readonly args: readonly string[];
  /** All it gets; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The log keeps between this and twice as much of the newest output; it is looked at every few seconds. */
  readonly logLimitBytes: number;
  /** Ended after so long, even if nobody watches; 0 or absent for never. */
  readonly walltimeSeconds?: number;
  /** Between TERM and KILL when the walltime is over. */
  readonly graceSeconds?: number;
  readonly watchEverySeconds?: number;
}

const keptSchema = z.object({ mark: processMarkSchema, startedAtMs: z.number() });

/** A kept child: its mark is that of the shell around it, which leads its process group. Times are Unix milliseconds. */
export type Kept = Readonly<z.infer<typeof keptSchema>>;

export interface KeptExit {
  /** 128 + n for signal n; `undefined` if it vanished with the shell around it (KILL from outside, computer restarted). */
  readonly code: number | undefined;
  /** Unix milliseconds, where it is known. */
  readonly atMs: number | undefined;
  /** `never-began`: its starter was killed between noting it down and letting it run; nothing of it has run. */
  readonly because?: 'walltime' | 'never-began';
}

/**
 * Starts a kept child: in a session and process group of its own, its output in a file, its exit code noted by a shell around it.
 * When the command ends, what it left running in its group is killed.
 *
 * Either `kept.json` exists or nothing was started, whenever this process is killed.
 *
 * @throws SitespanError `kept-running` if the folder's child still runs; `kept-start-failed`.
 */
export async function startKept(options: KeptOptions): Promise<Kept> {
  const { folder, command, cwd } = options;
  if (!isAbsolute(folder) || !isAbsolute(command)) {
    throw new SitespanError('kept-start-failed', `${command} in ${folder}: both must be absolute paths.`);
  }
  await privateFolder(folder);
  const before = await adoptKept(folder);
  if (before !== undefined) {
    throw new SitespanError('kept-running', `The process of ${folder} still runs here (pid ${before.mark.pid}).`);
  }
  for (const name of ['exit', 'because', 'begun', 'kept.json']) await rm(join(folder, name), { force: true });
  await (await open(join(folder, 'log'), 'a', secretMode)).close();

  const shell = spawn('/bin/sh', ['-s', '--', ...parameters(options), command, ...options.args], {
    cwd,
    env: { ...options.env },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    await once(shell, 'spawn');
  } catch (cause) {
    throw new SitespanError('kept-start-failed', `${command} could not be started on this computer, in ${cwd}.`, {
      cause,
    });
  }
  shell.unref();
  // Whatever goes wrong with the pipe shows in the shell's end.
  shell.stdin.on('error', () => undefined);
  try {
    const mark = shell.pid === undefined ? undefined : await processMark(shell.pid);
    if (mark === undefined)
      throw new SitespanError('kept-start-failed', `${command} ended on this computer before it began.`);
    const kept: Kept = { mark, startedAtMs: Date.now() };
    if (!(await writeOnce(join(folder, 'kept.json'), JSON.stringify(kept)))) {
      throw new SitespanError('kept-running', `Another process starts the one of ${folder} at this moment.`);
    }
    shell.stdin.end(keptWrapper);
    return kept;
  } catch (error) {
    // Without its program the shell ends by itself.
    shell.stdin.destroy();
    throw error;
  }
}

/** The folder's child if it still runs, whoever started it. */
export async function adoptKept(folder: string): Promise<Kept | undefined> {
  const kept = await keptOf(folder);
  if (kept === undefined || (await notedExit(folder)) !== undefined) return undefined;
  return (await isGroupAlive(kept.mark)) ? kept : undefined;
}

/** How the folder's child ended; `undefined` while it runs, and where none was ever started. */
export async function exitOf(folder: string): Promise<KeptExit | undefined> {
  const noted = await notedExit(folder);
  if (noted !== undefined) return noted;
  const kept = await keptOf(folder);
  if (kept === undefined || (await isGroupAlive(kept.mark))) return undefined;
  // It may have ended between the first look and the second.
  const late = await notedExit(folder);
  if (late !== undefined) return late;
  const begun = (await unlessAbsent(stat(join(folder, 'begun')))) !== undefined;
  return { code: undefined, atMs: undefined, ...(begun ? {} : { because: 'never-began' }) };
}

/**
 * Ends the folder's child and all of its process group: TERM, and KILL after `graceMs`. Resolves when nothing of it runs.
 * Does nothing if it does not run, and never signals a process that merely has its number.
 */
export async function endKept(folder: string, options: { readonly graceMs: number }): Promise<void> {
  const kept = await keptOf(folder);
  if (kept === undefined) return;
  if (!(await isGroupAlive(kept.mark))) return;
  signalGroup(kept.mark.pid, 'SIGTERM');
  if (await endsWithin(kept, options.graceMs)) return;
  signalGroup(kept.mark.pid, 'SIGKILL');
  if (!(await endsWithin(kept, afterKillMs))) {
    throw new SitespanError(
      'kept-not-ended',
      `Process ${kept.mark.pid} on this computer did not end though it was killed; it probably waits for a disk or file server that does not answer.`,
    );
  }
  // The shell around was killed too, so its note is ours to write.
  await writeOnce(join(folder, 'exit'), '137\n');
}

/** When and as what the folder's child was started, whether it still runs or not. */
export async function keptOf(folder: string): Promise<Kept | undefined> {
  const text = await unlessAbsent(readFile(join(folder, 'kept.json'), 'utf8'));
  return text === undefined ? undefined : keptSchema.parse(JSON.parse(text));
}

/** How long a process may take to vanish after KILL before we say that it does not. */
const afterKillMs = 10_000;

function parameters(options: KeptOptions): readonly string[] {
  const { folder, logLimitBytes, walltimeSeconds = 0, graceSeconds = 10, watchEverySeconds = 5 } = options;
  return [
    folder,
    ...[logLimitBytes, walltimeSeconds, graceSeconds, watchEverySeconds].map((n) => String(Math.ceil(n))),
  ];
}

async function notedExit(folder: string): Promise<KeptExit | undefined> {
  const path = join(folder, 'exit');
  const text = await unlessAbsent(readFile(path, 'utf8'));
  const [, code, because] = /^(\d+) ?(\w*)/.exec(text ?? '') ?? [];
  if (code === undefined) return undefined;
  const atMs = (await stat(path)).mtimeMs;
  return { code: Number(code), atMs, ...(because === 'walltime' ? { because } : {}) };
}

async function endsWithin(kept: Kept, ms: number): Promise<boolean> {
  const begun = performance.now();
  while (await isGroupAlive(kept.mark)) {
    if (performance.now() - begun > ms) return false;
    await sleep(25);
  }
  return true;
}

function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // It ended just now.
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}
