import { readdir, readFile } from 'node:fs/promises';
import { sleep } from '../../../src/base/waiting.js';
import type { Leak } from './secretWatch.js';

const everyMs = 500;

/**
 * Remembers the arguments and variables of every process that begins while it watches, to be searched for secrets afterwards:
 * a secret may be known only later than the process that carries it.
 *
 * Both change only when a program is started, so each is read once a program: the watch costs a listing of /proc, no more.
 */
export class ProcessWatch {
  private readonly texts = new Map<string, string>();
  private readonly programs = new Map<string, string>();
  private readonly stopped = new AbortController();
  private readonly watching: Promise<void>;
  private before: ReadonlySet<string> | undefined;
  /** Resolves when it watches: what begins from then on is seen. */
  readonly ready: Promise<void>;
  private begin: () => void = () => undefined;

  constructor() {
    this.ready = new Promise((resolve) => {
      this.begin = resolve;
    });
    this.watching = this.watchOn();
  }

  /** How many processes it has looked into. */
  get seen(): number {
    return this.programs.size;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.watching;
  }

  /** What carried one of these secrets, and which. */
  leaks(secrets: ReadonlyMap<string, string>): Leak[] {
    const leaks: Leak[] = [];
    for (const [text, where] of this.texts) {
      for (const [secret, from] of secrets) {
        if (text.includes(secret)) leaks.push(`${where} holds the secret of ${from}`);
      }
    }
    return leaks;
  }

  private async watchOn(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
      // A number that was given up may be another's next.
      this.before = new Set(pids.filter((pid) => this.before?.has(pid) ?? true));
      this.begin();
      for (const pid of pids) if (!this.before.has(pid)) await this.look(pid);
      await sleep(everyMs, this.stopped.signal).catch(() => undefined);
    }
  }

  private async look(pid: string): Promise<void> {
    const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
    const line = await read('cmdline');
    if (line === '' || this.programs.get(pid) === line) return;
    this.programs.set(pid, line);
    const [program = ''] = line.split('\0');
    for (const [name, text] of [
      ['cmdline', line],
      ['environ', await read('environ')],
    ] as const) {
      // Thousands of processes share most of their words.
      for (const word of text.split('\0')) {
        if (word.length >= 16 && !this.texts.has(word)) this.texts.set(word, `/proc/${pid}/${name} of ${program}`);
      }
    }
  }
}
