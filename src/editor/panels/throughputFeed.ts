import type { Disposable } from '../../base/disposable.js';
import { type Remedy, SitespanError } from '../../base/errors.js';
import type { Event } from '../../base/events.js';
import type { RunSummary } from '../../keeper/runFiles.js';
import type { ThroughputBy, ThroughputView, WorkerRow } from '../../keeper/throughputApi.js';
import type { PageWish, PanelSnapshot, ShownThing } from '../protocol.js';
import { stateOf } from '../states.js';
import { aboutCluster, ofError, type Trouble } from '../troubles.js';

/** One thing to look at: a cluster's keeper, or a run that was kept. */
export interface ThroughputSource {
  /** Whether it changes: one that does not is asked once. */
  readonly live: boolean;
  view(by: ThroughputBy, include: readonly string[], signal: AbortSignal): Promise<ThroughputView>;
  table(signal: AbortSignal): Promise<readonly WorkerRow[]>;
}

/** Everything there is to look at. */
export interface ThroughputSources {
  choices(): Promise<{ readonly clusters: readonly string[]; readonly runs: readonly RunSummary[] }>;
  /** @throws SitespanError where it is not there, or cannot be reached */
  open(what: ShownThing, signal: AbortSignal): Promise<ThroughputSource>;
  /** What hinders it now, as far as that is known without asking. */
  troubleOf(what: ShownThing): Trouble | undefined;
  readonly onDidChange: Event;
}

/** What a person can do now: a command, or to look at something else. */
export type FeedAction = Remedy | { readonly label: string; readonly show: ShownThing };

export interface FeedOptions {
  readonly sources: ThroughputSources;
  readonly send: (snapshot: PanelSnapshot) => void;
  /** Offered while a cluster has done nothing. */
  readonly work: Remedy;
  /** Offered while a keeper does not answer. */
  readonly log: Remedy;
  readonly onError: (error: unknown) => void;
  readonly everyMs?: number;
}

const defaultEveryMs = 500;
/** A keeper that does not answer for so long is said to be gone. */
const answerMs = 20_000;

/**
 * What the throughput page is sent: whole snapshots, at most twice a second, and none while it is hidden; then nothing is
 * asked either.
 */
export class ThroughputFeed implements Disposable {
  /** What the newest snapshot offers. */
  action: FeedAction | undefined;
  private readonly heard: Disposable;
  private wished: PageWish = { what: null, by: 'site', worker: null };
  private seen = false;
  private disposed = false;
  private turn: NodeJS.Timeout | undefined;
  private asking: AbortController | undefined;
  private sentAt = 0;
  private last: PanelSnapshot | undefined;

  constructor(private readonly options: FeedOptions) {
    // What had gone may be there again; what goes on is asked anyway.
    this.heard = options.sources.onDidChange(() => {
      if (this.last?.condition !== 'live' && this.asking === undefined) this.askSoon();
    });
  }

  get wish(): PageWish {
    return this.wished;
  }

  /** The newest that was sent. */
  get snapshot(): PanelSnapshot | undefined {
    return this.last;
  }

  set visible(visible: boolean) {
    this.seen = visible;
    if (visible) this.askSoon();
    else this.stop();
  }

  /** Shows this from now on. */
  show(wish: PageWish): void {
    const other = JSON.stringify(wish.what) !== JSON.stringify(this.wished.what);
    this.wished = wish;
    if (other) this.last = undefined;
    // An answer to the old wish is of no use.
    this.stop();
    this.askSoon();
  }

  /** The page has come, or come back: it knows nothing. */
  resend(): void {
    this.askSoon();
  }

  dispose(): void {
    this.disposed = true;
    this.heard.dispose();
    this.stop();
  }

  private stop(): void {
    clearTimeout(this.turn);
    this.turn = undefined;
    this.asking?.abort();
    this.asking = undefined;
  }

  private askSoon(): void {
    if (!this.seen || this.disposed || this.asking !== undefined || this.turn !== undefined) return;
    const every = this.options.everyMs ?? defaultEveryMs;
    this.turn = setTimeout(
      () => {
        this.turn = undefined;
        this.ask().catch(this.options.onError);
      },
      Math.max(0, this.sentAt + every - Date.now()),
    );
  }

  private async ask(): Promise<void> {
    const asking = new AbortController();
    this.asking = asking;
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(answerMs)]);
    const snapshot = await this.look(signal).finally(() => {
      if (this.asking === asking) this.asking = undefined;
    });
    if (asking.signal.aborted || snapshot === undefined) return;
    this.send(snapshot);
    if (snapshot.condition === 'live' || snapshot.condition === 'connecting') this.askSoon();
  }

  private async look(signal: AbortSignal): Promise<PanelSnapshot | undefined> {
    const { sources } = this.options;
    const { clusters, runs } = await sources.choices();
    const { by, worker } = this.wished;
    const what = this.wished.what ?? firstOf(clusters, runs);
    const around = { what, by, clusters: [...clusters], runs: runs.map(choiceOf), at: Date.now() / 1000 };
    const before = { view: this.last?.view ?? null, rows: this.last?.rows ?? [] };
    if (what === null) {
      const { sentence, action } = stateOf('no-cluster');
      return this.said(around, 'empty', sentence, action);
    }
    if (this.last === undefined && what.kind === 'cluster') {
      this.send(this.said(around, 'connecting', `Connecting to the cluster ${what.name}…`, this.options.log));
    }
    try {
      const source = await sources.open(what, signal);
      const include = worker === null ? [] : [worker];
      const [view, rows] = await Promise.all([source.view(by, include, signal), source.table(signal)]);
      return { ...this.condition(around, what, source, view), view, rows: [...rows] };
    } catch (error) {
      if (this.asking?.signal.aborted ?? true) return undefined;
      return { ...this.gone(around, what, runs, error), ...before };
    }
  }

  private condition(around: Around, what: ShownThing, { live }: ThroughputSource, view: ThroughputView): PanelSnapshot {
    const trouble = live ? this.options.sources.troubleOf(what) : undefined;
    if (trouble !== undefined) return this.said(around, 'live', trouble.sentence, trouble.action);
    const { events, bytes } = view.totals;
    if (!live || events > 0 || bytes > 0) return this.said(around, live ? 'live' : 'finished', null, undefined);
    return this.said(around, 'live', 'Nothing has been processed on this cluster yet.', this.options.work);
  }

  private gone(around: Around, what: ShownThing, runs: readonly RunSummary[], error: unknown): PanelSnapshot {
    const failure = SitespanError.is(error)
      ? error
      : new SitespanError(
          'failed',
          `What was done cannot be looked at: ${error instanceof Error ? error.message : String(error)}.`,
        );
    const about = what.kind === 'cluster' ? aboutCluster(what.name) : [];
    const { sentence, action, state } = this.options.sources.troubleOf(what) ?? ofError(failure, about);
    const kept = what.kind === 'cluster' ? runs.find(({ name }) => name === what.name) : undefined;
    if (state === 'closed' && kept !== undefined) {
      const show = { label: 'Show Its Run', show: { kind: 'run', id: kept.id } } as const;
      return this.said(around, 'gone', `${sentence} What it did was kept.`, show);
    }
    return this.said(around, 'gone', sentence, action ?? (what.kind === 'run' ? undefined : this.options.log));
  }

  private said(
    around: Around,
    condition: PanelSnapshot['condition'],
    sentence: string | null,
    action: FeedAction | undefined,
  ): PanelSnapshot {
    this.action = action;
    return { ...around, condition, sentence, action: action?.label ?? null, view: null, rows: [] };
  }

  private send(snapshot: PanelSnapshot): void {
    if (!this.seen || this.disposed) return;
    this.last = snapshot;
    this.sentAt = Date.now();
    this.options.send(snapshot);
  }
}

type Around = Pick<PanelSnapshot, 'what' | 'by' | 'clusters' | 'runs' | 'at'>;

function firstOf(clusters: readonly string[], runs: readonly RunSummary[]): ShownThing | null {
  const [name, run] = [clusters[0], runs[0]];
  if (name !== undefined) return { kind: 'cluster', name };
  return run === undefined ? null : { kind: 'run', id: run.id };
}

/** `ttbar, 30 November 14:03`. */
function choiceOf({ id, name, begunAt }: RunSummary): PanelSnapshot['runs'][number] {
  const when = new Date(begunAt * 1000).toLocaleString('en', {
    ...{ day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hour12: false },
  });
  return { id, label: `${name}, ${when}` };
}
