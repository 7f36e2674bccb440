import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import type { KernelSnapshot } from './api.js';
import type { ClusterFolder } from './clusterFolder.js';
import type { Fact, FactOf } from './fact.js';
import type { Identities } from './identities.js';
import { KernelHost } from './kernelHost.js';
import type { RunCell } from './throughputApi.js';

/** A kernel as asked for. */
export interface KernelWish {
  readonly cwd: string;
  readonly python: string;
  /** Before `python`. */
  readonly environment?: EnvironmentSpec | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly coffeaCasa: boolean;
}

/** A cluster's kernels: started on request, adopted by the next keeper. */
export class KernelHosts {
  private readonly hosts = new Map<string, KernelHost>();
  /** Of the last kernel; an id is never used again, for its folder holds the record of the one that had it. */
  private number = 0;

  constructor(
    private readonly folder: ClusterFolder,
    private readonly identities: Identities,
    private readonly record: (fact: Fact) => Promise<void>,
  ) {}

  get snapshots(): KernelSnapshot[] {
    return [...this.hosts.values()].map((host) => host.snapshot);
  }

  /** The cells of all kernels that have run or run, oldest first. */
  get cells(): RunCell[] {
    return [...this.hosts.values()].flatMap((host) => host.cells).sort((a, b) => a.at - b.at);
  }

  /** @throws SitespanError `folder-missing` */
  async start({ cwd, python, environment, variables, coffeaCasa }: KernelWish): Promise<KernelSnapshot> {
    const found = isAbsolute(cwd) ? await unlessAbsent(stat(cwd)) : undefined;
    if (!found?.isDirectory()) {
      throw new SitespanError(
        'folder-missing',
        `The kernel cannot start in ${cwd}: there is no such folder on this computer.`,
      );
    }
    // It has its name before it is written down: two that start at once are two.
    const id = `k${++this.number}`;
    const about = { id, cwd, python, environment, variables: { ...variables }, coffeaCasa };
    await this.record({ is: 'kernel', at: Date.now() / 1000, ...about });
    const host = this.hostOf(about);
    await host.start();
    return host.snapshot;
  }

  /** Takes over the kernels of a keeper that was killed; one that has ended meanwhile stays ended. */
  async adopt(kernels: readonly FactOf<'kernel'>[]): Promise<void> {
    for (const kernel of kernels) {
      this.number = Math.max(this.number, Number(kernel.id.slice(1)));
      await this.hostOf(kernel).adopt();
    }
  }

  /** Asks all how they are. @returns whether something has changed */
  async look(): Promise<boolean> {
    const changes = await Promise.all([...this.hosts.values()].map((host) => host.look()));
    return changes.includes(true);
  }

  /** @throws SitespanError `kernel-unknown` */
  get(id: string): KernelHost {
    const host = this.hosts.get(id);
    if (host === undefined) throw new SitespanError('kernel-unknown', `This cluster has no kernel ${id}.`);
    return host;
  }

  private hostOf(kernel: Omit<FactOf<'kernel'>, 'is' | 'at'>): KernelHost {
    const { id } = kernel;
    const host = new KernelHost({
      ...kernel,
      folder: this.folder.kernel(id),
      packageFolder: this.folder.python,
      identity: this.identities.issue('client', `kernel-${id}`),
    });
    this.hosts.set(id, host);
    return host;
  }
}
