import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { isSystemError } from '../base/systemError.js';
import { withDeadline } from '../base/waiting.js';

/**
 * The shell before the command, which takes its place: so `pid` is the command's own. Descriptor 3 is a pipe from us on
 * which nothing is ever sent; it ends when we do, however we do, and then the watcher kills the group.
 */
const leash = `
( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 </dev/null &
exec "$@" 3<&-
`;
const saidLimit = 4000;

export interface ChildOptions {
  /** What it is, as the subject of a sentence: "The relay". */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A child that is asked and answers by lines, with all that it starts; none of them outlives us. */
export class Child implements Disposable {
  private readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly lines: AsyncIterator<string>;
  private said = '';

  constructor(private readonly options: ChildOptions) {
    const { command, args, cwd, env } = options;
    this.process = spawn('/bin/sh', ['-c', leash, 'sitespan-bench', command, ...args], {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    // What fails to start or has ended says so by the end of its lines.
    this.process.on('error', (error) => this.hear(String(error)));
    this.process.stdin.on('error', () => undefined);
    this.process.stderr.on('data', (chunk: Buffer) => this.hear(chunk.toString()));
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws SitespanError `bench-child` when it never started */
  get pid(): number {
    if (this.process.pid === undefined) throw this.ended();
    return this.process.pid;
  }

  say(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  /**
   * The next line of its stdout.
   *
   * @throws SitespanError `bench-child` when it has ended; `deadline`
   */
  async line(timeoutMs: number, signal?: AbortSignal): Promise<string> {
    const next = await withDeadline(() => this.lines.next(), {
      timeoutMs,
      signal,
      what: `${this.options.what}'s answer`,
    });
    if (next.done === true) throw this.ended();
    return next.value;
  }

  dispose(): void {
    if (this.process.pid === undefined) return;
    try {
      process.kill(-this.process.pid, 'SIGKILL');
    } catch (error) {
      if (!isSystemError(error, 'ESRCH')) throw error;
    }
  }

  private hear(text: string): void {
    this.said = (this.said + text).slice(-saidLimit);
  }

  private ended(): SitespanError {
    const last = this.said.trim().split('\n').at(-1) || 'it said nothing';
    return new SitespanError('bench-child', `${this.options.what} on this computer ended before its answer: ${last}`, {
      cause: this.said,
    });
  }
}
