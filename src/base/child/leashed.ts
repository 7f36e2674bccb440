import { spawn } from 'node:child_process';
import { SitespanError } from '../errors.js';
import { isSystemError } from '../systemError.js';

export interface LeashedOptions {
  /** A name to look for in PATH, or a path; never a shell line. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** All it gets; this process's environment unless told otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads; nothing unless told otherwise. */
  readonly input?: string | Uint8Array;
  readonly timeoutMs: number;
  /** Of each of its two outputs only so much is kept; 1 MiB unless told otherwise. */
  readonly outputLimitBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LeashedResult {
  /** 128 + n for signal n; 126 or 127 if it could not be run, and `stderr` then says why. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether some output was dropped. */
  readonly truncated: boolean;
}

/**
 * The shell around a leashed child. Descriptor 3 is a pipe from us on which nothing is ever sent: it ends when we do,
 * however we do, and then the watcher kills the group.
 */
const leash = `
( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 &
( exec 3<&-; exec "$@" )
code=$?
kill -KILL $! 2>/dev/null
exit "$code"
`;

/**
 * Runs a command to its end, with a time limit; it and all its children in its process group end when this process does, even by KILL.
 *
 * @throws SitespanError `command-timeout`, `command-failed-to-start`; the signal's reason when aborted. A nonzero exit code is a result.
 */
export async function runLeashed(options: LeashedOptions): Promise<LeashedResult> {
  const { command, timeoutMs, outputLimitBytes = 1024 * 1024, signal } = options;
  signal?.throwIfAborted();
  const shell = spawn('/bin/sh', ['-c', leash, 'sitespan-leashed', command, ...options.args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const stdout = new Capture(outputLimitBytes);
  const stderr = new Capture(outputLimitBytes);
  shell.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  shell.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  // A command may end without reading what it was given.
  shell.stdin?.on('error', () => undefined);
  shell.stdin?.end(options.input ?? '');

  const killGroup = (): void => {
    if (shell.pid !== undefined) killAll(shell.pid);
  };
  let stopped: { readonly why: unknown } | undefined;
  const stop = (why: unknown): void => {
    stopped ??= { why };
    killGroup();
  };
  const timer = setTimeout(() => stop(timeoutError(command, timeoutMs)), timeoutMs);
  const onAbort = (): void => stop(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      shell.once('error', reject);
      // What it left running would hold its outputs open, and so us.
      shell.once('exit', killGroup);
      shell.once('close', (code) => resolve(code ?? 137));
    });
    if (stopped !== undefined) throw stopped.why;
    const truncated = stdout.truncated || stderr.truncated;
    return { exitCode, stdout: stdout.text(), stderr: stderr.text(), truncated };
  } catch (error) {
    if (stopped !== undefined) throw stopped.why;
    const where = options.cwd === undefined ? '' : `, in ${options.cwd}`;
    throw new SitespanError('command-failed-to-start', `${command} could not be started on this computer${where}.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The first so many bytes of an output. */
class Capture {
  private readonly chunks: Buffer[] = [];
  private length = 0;
  truncated = false;

  constructor(private readonly limitBytes: number) {}

  add(chunk: Buffer): void {
    const room = this.limitBytes - this.length;
    const part = chunk.subarray(0, room);
    this.truncated ||= part.length < chunk.length;
    this.chunks.push(part);
    this.length += part.length;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

function timeoutError(command: string, timeoutMs: number): SitespanError {
  return new SitespanError('command-timeout', `${command} on this computer did not end within ${timeoutMs / 1000} s.`);
}

function killAll(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}
