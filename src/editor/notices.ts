import type { Disposable } from '../base/disposable.js';
import type { ClusterSnapshot, KernelSnapshot } from '../keeper/api.js';
import { countPool } from '../owner/counted.js';
import type { Fleet } from './fleet.js';
import type { ClusterLink } from './fleetSource.js';

export interface NoticeBoard {
  /** Says one sentence to the person. */
  show(sentence: string): void;
  /** Whether the window is in front. */
  isFocused(): boolean;
}

interface Seen {
  /** Of pools whose number somebody chose. */
  desired: number;
  awaited: boolean;
  /** Ids of kernels that had cells to run, and how many cells had run by then. */
  readonly busy: Map<string, number>;
}

/**
 * What a person waits for and may not be looking at: one notice when the workers they asked for are ready, and one when all
 * cells of a kernel have run while the window was not in front. What was so already when the window came is no news.
 */
export class Notices<Link extends ClusterLink> implements Disposable {
  private readonly heard: Disposable;
  private readonly seen = new Map<string, Seen>();

  constructor(
    private readonly fleet: Fleet<Link>,
    private readonly board: NoticeBoard,
  ) {
    this.heard = fleet.onDidChange(() => this.look());
  }

  dispose(): void {
    this.heard.dispose();
  }

  private look(): void {
    for (const { name, link, snapshot } of this.fleet.clusters) {
      if (link === 'closed') this.seen.delete(name);
      else if (snapshot !== undefined) this.lookAt(name, snapshot);
    }
  }

  private lookAt(name: string, snapshot: ClusterSnapshot): void {
    const { working, desired } = chosen(snapshot);
    const seen = this.seen.get(name);
    if (seen === undefined) {
      const awaited = desired > 0 && working === 0;
      const fresh: Seen = { desired, awaited, busy: new Map() };
      this.seen.set(name, fresh);
      for (const kernel of snapshot.kernels) if (isBusy(kernel)) fresh.busy.set(kernel.id, ran(kernel));
      return;
    }
    if (desired > seen.desired) seen.awaited = true;
    seen.desired = desired;
    if (seen.awaited && working >= desired) {
      seen.awaited = false;
      const workers = desired === 1 ? 'The worker' : `All ${desired} workers`;
      if (desired > 0) this.board.show(`${workers} of ${name} ${desired === 1 ? 'is' : 'are'} ready.`);
    }
    for (const kernel of snapshot.kernels) this.lookAtKernel(name, kernel, seen.busy);
  }

  private lookAtKernel(cluster: string, kernel: KernelSnapshot, busy: Map<string, number>): void {
    const before = busy.get(kernel.id);
    if (isBusy(kernel)) {
      if (before === undefined) busy.set(kernel.id, ran(kernel));
      return;
    }
    busy.delete(kernel.id);
    if (before === undefined || this.board.isFocused()) return;
    const done = ran(kernel) - before;
    const what = kernel.notebook?.split('/').at(-1) ?? `The kernel ${kernel.id}`;
    const cells = done > 0 ? ` after ${done} ${done === 1 ? 'cell' : 'cells'}` : '';
    if (kernel.phase === 'dead') this.board.show(`${what} on ${cluster} has stopped: its kernel has ended.`);
    else this.board.show(`${what} on ${cluster} has finished${cells}.`);
  }
}

/** The pools that the scheduler sizes come and go by themselves. */
function chosen({ pools }: ClusterSnapshot): { readonly working: number; readonly desired: number } {
  const counted = pools.filter(({ adaptive }) => adaptive === undefined).map(countPool);
  const sum = (of: 'working' | 'desired'): number => counted.reduce((so, one) => so + one[of], 0);
  return { working: sum('working'), desired: sum('desired') };
}

function isBusy({ cells, phase }: KernelSnapshot): boolean {
  return phase !== 'dead' && cells.queued + cells.running > 0;
}

function ran({ cells }: KernelSnapshot): number {
  return cells.done + cells.failed;
}
