import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep, until } from '../../../src/base/waiting.js';

const patienceMs = 120_000;

/** Every process of a rig has this in its environment, and its children inherit it. */
const tag = 'SITESPAN_RIG';
/** And this: which service it is, or was started by. */
const partTag = 'SITESPAN_RIG_PART';

/** Descriptor 3 is a pipe from the test's process: when that ends, however it does, so does the service. */
const leash = `
( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
exec "$@"
`;

export interface ServiceOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A service ended while it was waited for: its port may have been taken by another meanwhile. */
export class ServiceEnded extends Error {}

/** The processes of one rig, found again by what is in their environment, whoever became their parent. */
export class RigProcesses {
  private readonly running = new Map<string, { ended: boolean }>();

  constructor(
    readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Starts a service whose output goes to `log/NAME.log`. */
  start(name: string, command: readonly string[], options: ServiceOptions = {}): void {
    const log = openSync(this.log(name), 'a', 0o600);
    const child = spawn('/bin/sh', ['-c', leash, name, ...command], {
      cwd: options.cwd ?? this.folder,
      env: { ...this.env, ...options.env, [tag]: this.folder, [partTag]: name },
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
    });
    closeSync(log);
    const state = { ended: false };
    child.once('exit', () => {
      state.ended = true;
    });
    child.once('error', () => {
      state.ended = true;
    });
    child.unref();
    this.running.set(name, state);
  }

  /** Waits until the service answers. @throws with the end of its log where it does not, or ends. */
  async answers(name: string, isUp: () => Promise<boolean>): Promise<void> {
    try {
      await until(
        async () => {
          if (this.running.get(name)?.ended === true) throw new ServiceEnded(`${name} has ended`);
          return isUp().catch(() => false);
        },
        { timeoutMs: patienceMs, everyMs: 200, what: `The service ${name} of the rig` },
      );
    } catch (error) {
      const Kind = error instanceof ServiceEnded ? ServiceEnded : Error;
      throw new Kind(`${String(error)}\n${(await this.said(name)).slice(-2000)}`);
    }
  }

  said(name: string): Promise<string> {
    return readFile(this.log(name), 'utf8');
  }

  /** Kills all that the rig has started, or one part of it, and what that has started. */
  stop(part?: string): Promise<void> {
    return this.stopAllWith(...(part === undefined ? [] : [`${partTag}=${part}`]));
  }

  /** Kills those of the rig's processes that were started with these variables: `NAME=value`. */
  async stopAllWith(...variables: readonly string[]): Promise<void> {
    await until(
      async () => {
        const pids = await this.pids(variables);
        for (const pid of pids) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // It has ended meanwhile.
          }
        }
        if (pids.length > 0) await sleep(100);
        return pids.length === 0;
      },
      { timeoutMs: patienceMs, what: "The end of the rig's processes" },
    );
  }

  private async pids(more: readonly string[]): Promise<number[]> {
    const mine = [`${tag}=${this.folder}`, ...more];
    const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      all.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
        const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
        // A dead child that nobody has waited for is not running.
        const isZombie = /\) Z /.test(state);
        const variables = environment.split('\0');
        return mine.every((one) => variables.includes(one)) && !isZombie ? [Number(pid)] : [];
      }),
    );
    return found.flat();
  }

  private log(name: string): string {
    return join(this.folder, 'log', `${name}.log`);
  }
}
