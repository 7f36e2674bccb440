import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import { withDeadline } from '../base/waiting.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import type { KernelSnapshot } from './api.js';
import type { ClusterFolder } from './clusterFolder.js';
import type { Fact, FactOf } from './fact.js';
import type { Identities } from './identities.js';
import { type KernelAbout, KernelHost } from './kernelHost.js';
import type { RunCell } from './throughputApi.js';

/** How long the end of a cluster waits for a kernel that is being started. */
const startsMs = 10_000;

/** A kernel as asked for. */
export interface KernelWish {
  readonly cwd: string;
  readonly python: string;
  /** Before `python`. */
  readonly environment?: EnvironmentSpec | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly coffeaCasa: boolean;
  /** Whose kernel it is: of a notebook there is one at a time. */
  readonly notebook?: string | undefined;
}

/** A cluster's kernels: started on request, adopted by the next keeper, ended when nobody has use for them any more. */
export class KernelHosts {
  private readonly hosts = new Map<string, KernelHost>();
  /** By notebook: two windows that ask at once get one kernel. */
  private readonly starting = new Map<string, Promise<KernelSnapshot>>();
  /** Processes that are being started; whoever ends the cluster waits for them. */
  private readonly underWay = new Set<Promise<unknown>>();
  private closing = false;
  /** Of the last kernel; an id is never used again, for its folder holds the record of the one that had it. */
  private number = 0;

  /** @param idleMinutes a kernel that has nothing to do, and that nobody looks at, ends after so long; 0 for never */
  constructor(
    private readonly folder: ClusterFolder,
    private readonly identities: Identities,
    private readonly record: (fact: Fact) => Promise<void>,
    private readonly idleMinutes: number,
  ) {}

  get snapshots(): KernelSnapshot[] {
    return [...this.hosts.values()].map((host) => host.snapshot);
  }

  /** The cells of all kernels that have run or run, oldest first. */
  get cells(): RunCell[] {
    return [...this.hosts.values()].flatMap((host) => host.cells).sort((a, b) => a.at - b.at);
  }

  /** A new kernel, or the living one of the notebook that was named. @throws SitespanError `folder-missing` */
  start(wish: KernelWish): Promise<KernelSnapshot> {
    const { notebook } = wish;
    if (notebook === undefined) return this.startNew(wish);
    const asked = this.starting.get(notebook);
    if (asked !== undefined) return asked;
    const start = this.livingOrNew(wish).finally(() => this.starting.delete(notebook));
    this.starting.set(notebook, start);
    return start;
  }

  /**
   * Takes over the kernels of a keeper that was killed; one that has ended meanwhile stays ended.
   *
   * @param ends why kernels were ended, by id: a keeper that wrote it down may not have got to it
   */
  async adopt(kernels: readonly FactOf<'kernel'>[], ends: ReadonlyMap<string, string>): Promise<void> {
    for (const kernel of kernels) {
      this.number = Math.max(this.number, Number(kernel.id.slice(1)));
      const { is: _, at: __, ...about } = kernel;
      const host = this.hostOf(about);
      await host.adopt();
      const why = ends.get(kernel.id);
      if (why !== undefined) await host.end(why);
    }
  }

  /**
   * Asks all how they are, and ends those that have been of no use for too long.
   *
   * @param now Unix seconds @returns whether something has changed
   */
  async look(now: number): Promise<boolean> {
    const changes = await Promise.all([...this.hosts.values()].map((host) => host.look()));
    const limitSeconds = this.idleMinutes * 60;
    for (const [id, host] of this.hosts) {
      if (limitSeconds === 0 || host.unusedSince === undefined || now - host.unusedSince < limitSeconds) continue;
      await this.end(id, `it had nothing to do for ${this.idleMinutes} minutes, and nobody looked at it`);
      changes.push(true);
    }
    return changes.includes(true);
  }

  /** Makes one another notebook's, and the cells that were run from its notebook so far, too. @throws SitespanError `kernel-unknown` */
  async assign(id: string, notebook: string): Promise<void> {
    const host = this.get(id);
    await this.record({ is: 'kernel-notebook', at: Date.now() / 1000, id, notebook });
    await host.assign(notebook);
  }

  /** Ends one for good; its record stays. @throws SitespanError `kernel-unknown` */
  async end(id: string, why: string): Promise<void> {
    const host = this.get(id);
    await this.record({ is: 'kernel-ended', at: Date.now() / 1000, id, why });
    await host.end(why);
  }

  /** Another process for a kernel, also for one that has ended. @throws SitespanError `kernel-unknown` */
  async restart(id: string): Promise<void> {
    const host = this.get(id);
    await this.unlessClosing(async () => {
      // What was said of its end is no longer so.
      if (host.hasEnded) await this.record({ is: 'kernel', at: Date.now() / 1000, ...host.about });
      await host.restart();
    });
  }

  /**
   * Starts none any more, and waits for those that are being started: one that came after the others have ended would be
   * nobody's, with a secret in its folder.
   */
  async close(): Promise<void> {
    this.closing = true;
    await withDeadline(() => Promise.allSettled(this.underWay), {
      timeoutMs: startsMs,
      what: 'The start of a kernel while its cluster is closed',
    });
  }

  /** @throws SitespanError `kernel-unknown` */
  get(id: string): KernelHost {
    const host = this.hosts.get(id);
    if (host === undefined) throw new SitespanError('kernel-unknown', `This cluster has no kernel ${id}.`);
    return host;
  }

  private async livingOrNew(wish: KernelWish): Promise<KernelSnapshot> {
    for (const host of this.hosts.values()) {
      if (host.snapshot.notebook !== wish.notebook) continue;
      // Of one that was only just taken over nothing is known yet.
      await host.look();
      if (host.snapshot.phase !== 'dead') return host.snapshot;
    }
    return this.startNew(wish);
  }

  private async startNew(wish: KernelWish): Promise<KernelSnapshot> {
    const { cwd, variables, ...others } = wish;
    const found = isAbsolute(cwd) ? await unlessAbsent(stat(cwd)) : undefined;
    if (!found?.isDirectory()) {
      throw new SitespanError(
        'folder-missing',
        `The kernel cannot start in ${cwd}: there is no such folder on this computer.`,
      );
    }
    return this.unlessClosing(async () => {
      // It has its name before it is written down: two that start at once are two.
      const id = `k${++this.number}`;
      const about = { id, cwd, variables: { ...variables }, ...others };
      await this.record({ is: 'kernel', at: Date.now() / 1000, ...about });
      const host = this.hostOf(about);
      await host.start();
      return host.snapshot;
    });
  }

  private async unlessClosing<T>(start: () => Promise<T>): Promise<T> {
    if (this.closing) throw new SitespanError('cluster-closing', 'The cluster is being closed, so no kernel starts.');
    const begun = start();
    this.underWay.add(begun);
    try {
      return await begun;
    } finally {
      this.underWay.delete(begun);
    }
  }

  private hostOf(about: KernelAbout): KernelHost {
    const { id } = about;
    const host = new KernelHost(about, {
      folder: this.folder.kernel(id),
      packageFolder: this.folder.python,
      identity: this.identities.issue('client', `kernel-${id}`),
    });
    this.hosts.set(id, host);
    return host;
  }
}
