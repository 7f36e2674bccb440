import type { Disposable } from '../../base/disposable.js';
import { SitespanError } from '../../base/errors.js';
import type { Event } from '../../base/events.js';
import { sleep } from '../../base/waiting.js';
import { countPool } from '../../owner/counted.js';
import { moment } from '../../owner/moment.js';
import type { ClusterView } from '../knownCluster.js';
import { type AboutProxy, aboutProxy, conditionOf, type KnownProxy, whatStops } from './knownProxy.js';

/** Where a notice is shown. */
export interface ProxyBoard {
  /** Says one sentence, with a button that renews the proxy. */
  show(sentence: string, about: readonly AboutProxy[]): void;
  /** Whether the window is in front. */
  isFocused(): boolean;
  /** @returns whether this window is the one to say it: of all windows the first that asks */
  claim(notice: string): Promise<boolean>;
}

interface Proxies {
  readonly known: readonly KnownProxy[];
  readonly now: number;
  readonly onDidChange: Event;
}

interface Clusters {
  readonly clusters: readonly ClusterView[];
  readonly onDidChange: Event;
}

/** A window that is not in front lets those that are say it first. */
const backgroundMs = 1000;

/**
 * One notice when a proxy has expired while workers of its grids are there, and one when it soon will: what stops and what
 * does not. Each is said once, whatever windows there are; a proxy that was renewed is another one.
 */
export class ProxyNotices implements Disposable {
  private readonly heard: readonly Disposable[];
  private readonly said = new Set<string>();
  private readonly ended = new AbortController();

  constructor(
    private readonly fleet: Clusters,
    private readonly proxies: Proxies,
    private readonly board: ProxyBoard,
    private readonly onError: (error: unknown) => void,
  ) {
    this.heard = [fleet, proxies].map((one) => one.onDidChange(() => this.look()));
  }

  dispose(): void {
    this.ended.abort();
    for (const one of this.heard) one.dispose();
  }

  private look(): void {
    const { known, now } = this.proxies;
    for (const proxy of known) {
      if (proxy.found instanceof SitespanError) continue;
      const { state } = conditionOf(proxy, now);
      if (state !== 'proxy-expired' && state !== 'proxy-expiring') continue;
      const workers = this.workersWith(proxy);
      if (workers === '') continue;
      const end = proxy.found.expires;
      const notice = `${state} ${proxy.use.path} ${end.toISOString()}`;
      if (this.said.has(notice)) continue;
      this.said.add(notice);
      const sentence =
        state === 'proxy-expired'
          ? `The proxy ${proxy.use.path} expired at ${moment(end)}, and there are ${workers}: ${whatStops}.`
          : `The proxy ${proxy.use.path} ends at ${moment(end)}, and there are ${workers}; then ${whatStops}.`;
      this.say(notice, sentence, aboutProxy(proxy)).catch((error: unknown) => {
        if (!this.ended.signal.aborted) this.onError(error);
      });
    }
  }

  private async say(notice: string, sentence: string, about: readonly AboutProxy[]): Promise<void> {
    if (!this.board.isFocused()) await sleep(backgroundMs, this.ended.signal);
    if ((await this.board.claim(notice)) && !this.ended.signal.aborted) this.board.show(sentence, about);
  }

  /** `4 workers of ttbar at gridpp`; empty where there are none. */
  private workersWith({ use }: KnownProxy): string {
    const parts = this.fleet.clusters.flatMap(({ name, link, snapshot }) => {
      if (link === 'closed' || snapshot === undefined || !use.clusters.includes(name)) return [];
      const pools = snapshot.pools.filter(({ grid }) => grid !== undefined && use.grids.includes(grid));
      const counted = pools.map(countPool).map(({ working, coming, leaving }) => working + coming + leaving);
      const workers = counted.reduce((sum, one) => sum + one, 0);
      const grids = [...new Set(pools.map(({ grid }) => grid))].join(' and ');
      return workers === 0 ? [] : [`${workers} ${workers === 1 ? 'worker' : 'workers'} of ${name} at ${grids}`];
    });
    return parts.join(', ');
  }
}
