import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { GridSite } from '../owner/gridSites.js';
import type { Grids } from '../owner/grids.js';

/** A grid that was added on this computer, as it told last. */
export interface AddedGrid {
  readonly name: string;
  /** By name; before it has answered, what is known of them without. */
  readonly sites: readonly GridSite[];
  /** Why they are not known, or not as they are now. */
  readonly trouble: SitespanError | undefined;
}

/** Where added grids are known from. */
export interface GridSource {
  read(): Promise<Grids>;
  sites(name: string, grid: Grids[string], signal: AbortSignal): Promise<readonly GridSite[]>;
}

interface Asked {
  grid: Grids[string];
  sites: readonly GridSite[];
  trouble: SitespanError | undefined;
  /** When it answered or did not; never is 0. */
  at: number;
  asking: boolean;
}

/** A grid is asked about its sites at most so often, and only while somebody looks. */
const usualEveryMs = 60_000;

/** The list is read by what is loaded when somebody looks first. */
export const gridsHere: GridSource = {
  read: async () => (await import('../owner/grids.js')).readGrids(),
  sites: async (name, grid, signal) => (await import('../owner/gridSites.js')).gridSites(name, grid, { signal }),
};

/**
 * The grids that were added on this computer, while somebody looks at them: each is asked about its sites once a minute, and
 * not at all while a cluster's keeper tells of them.
 */
export class GridBoard implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly byName = new Map<string, Asked>();
  private readonly ended = new AbortController();
  private isTold: ((grid: string) => boolean) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private hindrance: SitespanError | undefined;

  constructor(
    private readonly source: GridSource,
    private readonly onError: (error: unknown) => void,
    private readonly everyMs = usualEveryMs,
  ) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
  }

  /** By name. */
  get known(): readonly AddedGrid[] {
    return [...this.byName]
      .map(([name, { sites, trouble }]) => ({ name, sites, trouble }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Why the list of grids cannot be read. */
  get trouble(): SitespanError | undefined {
    return this.hindrance;
  }

  /** Reads the list once more, for a grid may have been added or removed; those that were in trouble are asked again. */
  async refresh(): Promise<void> {
    try {
      const grids = await this.source.read();
      this.hindrance = undefined;
      for (const name of [...this.byName.keys()]) if (!Object.hasOwn(grids, name)) this.byName.delete(name);
      for (const [name, grid] of Object.entries(grids)) this.take(name, grid);
    } catch (error) {
      if (!SitespanError.is(error)) throw error;
      this.hindrance = error;
    }
    if (this.ended.signal.aborted) return;
    for (const asked of this.byName.values()) if (asked.trouble !== undefined) asked.at = 0;
    this.changed.fire();
    this.askAll();
  }

  /** @param isTold whether somebody else tells of a grid's sites, so that it need not be asked */
  look(isTold: (grid: string) => boolean): void {
    const isNew = this.isTold === undefined;
    this.isTold = isTold;
    this.timer ??= setInterval(() => this.again(), this.everyMs);
    if (isNew) this.again();
    else this.askAll();
  }

  lookAway(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.isTold = undefined;
  }

  dispose(): void {
    this.lookAway();
    this.ended.abort();
    this.changed.dispose();
  }

  private again(): void {
    this.refresh().catch(this.onError);
  }

  private take(name: string, grid: Grids[string]): void {
    const known = this.byName.get(name);
    if (known !== undefined && JSON.stringify(known.grid) === JSON.stringify(grid)) return;
    const sites = grid.spec.sites.map((site) => ({ name: site, workers: 0 }));
    this.byName.set(name, { grid, sites, trouble: undefined, at: 0, asking: false });
  }

  private askAll(): void {
    for (const [name, asked] of this.byName) {
      // A timer is never quite on time.
      const isFresh = Date.now() - asked.at < this.everyMs * 0.9;
      if (this.isTold === undefined || asked.asking || isFresh || this.isTold(name)) continue;
      this.ask(name, asked);
    }
  }

  private ask(name: string, asked: Asked): void {
    asked.asking = true;
    this.source
      .sites(name, asked.grid, this.ended.signal)
      .then((sites) => {
        asked.sites = sites;
        asked.trouble = undefined;
      })
      .catch((error: unknown) => {
        asked.trouble = SitespanError.is(error) ? error : new SitespanError('failed', String(error));
      })
      .finally(() => {
        asked.asking = false;
        asked.at = Date.now();
        if (!this.ended.signal.aborted) this.changed.fire();
      });
  }
}
