import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { python, root } from '../cluster/clusterRig.js';

/** Long enough for a machine that is busy with something else, too. */
const patienceMs = 90_000;

/** The command line as users get it: a process of its own, at a pipe or at a terminal. */
export class Cli {
  private static readonly running = new Set<Cli>();
  output = '';
  errors = '';
  private readonly closed: Promise<number>;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    Cli.running.add(this);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    // A child that has ended reads no more.
    child.stdin.on('error', () => undefined);
    this.closed = once(child, 'close').then(([code]) => {
      Cli.running.delete(this);
      return typeof code === 'number' ? code : -1;
    });
  }

  static start(...args: string[]): Cli {
    return new Cli(spawn(process.execPath, [join(root, 'dist', 'cli.mjs'), ...args]));
  }

  /** At a terminal, which hangs up when its user goes (`hangUp`). */
  static atTerminal(...args: string[]): Cli {
    const rig = join(root, 'test', 'rigs', 'terminal', 'onTerminal.py');
    return new Cli(spawn(python, [rig, process.execPath, join(root, 'dist', 'cli.mjs'), ...args]));
  }

  /** Kills those that a failed test has left. */
  static async killAll(): Promise<void> {
    await Promise.all([...Cli.running].map((cli) => cli.kill()));
  }

  /** @returns its exit code */
  async end(timeoutMs = patienceMs): Promise<number> {
    await until(() => this.child.exitCode !== null || this.child.signalCode !== null, {
      timeoutMs,
      what: `The end of ${this.child.spawnargs.join(' ')}, which said ${this.output} ${this.errors}:`,
    });
    return this.closed;
  }

  async says(wanted: RegExp, timeoutMs = patienceMs): Promise<void> {
    await until(() => wanted.test(this.output), {
      timeoutMs,
      everyMs: 10,
      what: `${wanted} of ${this.child.spawnargs.join(' ')}, which said ${this.output} ${this.errors}:`,
    });
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  hangUp(): void {
    this.child.stdin.end();
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }
}
