import { SitespanError } from '../base/errors.js';
import { withDeadline } from '../base/waiting.js';
import type { Grid, Site } from '../grid/grid.js';
import type { GridSnapshot, LifePhase, Problem, SiteSnapshot } from './api.js';
import { localGrid } from './clusterFolder.js';
import type { Ledger } from './ledger.js';
import type { Life } from './worker/life.js';

export interface SiteListOptions {
  /** By name. */
  readonly grids: ReadonlyMap<string, Grid>;
  /** Those that the cluster may use of a grid: shown before it has ever answered. */
  sitesOf(grid: string): readonly string[];
  readonly ledger: Ledger;
  /** A grid is asked again after so long, 5 s unless told otherwise. */
  readonly keepMs?: number;
  /** A grid gets so long to answer, 8 s unless told otherwise. */
  readonly limitMs?: number;
}

interface Known {
  readonly sites: readonly Site[];
  readonly trouble: Problem | undefined;
  readonly until: number;
}

const waitingPhases: readonly LifePhase[] = ['requested', 'submitted', 'waiting', 'matched'];

/** The grids' sites as their grids tell, with this cluster's jobs there; one grid's trouble is not another's. */
export class SiteList {
  private readonly known = new Map<string, Known>();
  private readonly asking = new Map<string, Promise<Known>>();

  constructor(private readonly options: SiteListOptions) {}

  async list(): Promise<GridSnapshot[]> {
    return Promise.all(
      [...this.options.grids].map(async ([name, grid]) => {
        const { sites, trouble } = await this.knownOf(name, grid);
        return {
          grid: name,
          sites: sites.map((site) => this.snapshotOf(name, site)),
          ...(trouble === undefined ? {} : { trouble }),
        };
      }),
    );
  }

  private async knownOf(name: string, grid: Grid): Promise<Known> {
    const known = this.known.get(name);
    if (known !== undefined && Date.now() < known.until) return known;
    const asking = this.asking.get(name) ?? this.ask(name, grid).finally(() => this.asking.delete(name));
    this.asking.set(name, asking);
    return asking;
  }

  private async ask(name: string, grid: Grid): Promise<Known> {
    const { sitesOf, keepMs = 5000, limitMs = 8000 } = this.options;
    const told = await withDeadline((signal) => grid.sites({ signal }), {
      timeoutMs: limitMs,
      what: `An answer of the grid ${name} about its sites`,
    }).catch((error: unknown) => problemOf(name, error));
    const failed = 'code' in told;
    const unasked = sitesOf(name).map((site) => ({ name: site, banned: false }));
    const next: Known = {
      sites: failed ? (this.known.get(name)?.sites ?? unasked) : told,
      trouble: failed ? told : undefined,
      until: Date.now() + keepMs,
    };
    this.known.set(name, next);
    return next;
  }

  private snapshotOf(grid: string, { name, slots, banned, gridWords }: Site): SiteSnapshot {
    const { ledger } = this.options;
    const grids = new Map(ledger.pools.map(({ spec }) => [spec.name, spec.grid]));
    const here = ledger.lives.filter(
      (life) => !life.ended && life.site === name && (grids.get(life.pool) ?? localGrid) === grid,
    );
    const count = (is: (life: Life) => boolean): number => here.filter(is).length;
    const probes = ledger.probes.filter((probe) => probe.grid === grid && probe.site === name);
    const verdict = probes.findLast((probe) => probe.verdict !== undefined)?.verdict;
    return {
      name,
      ...(slots === undefined ? {} : { slots }),
      banned,
      ...(gridWords === undefined ? {} : { gridWords }),
      waiting: count(({ phase }) => waitingPhases.includes(phase)),
      running: count(({ phase }) => !waitingPhases.includes(phase)),
      workers: count(({ phase }) => phase === 'working'),
      ...(verdict === undefined ? {} : { verdict }),
    };
  }
}

function problemOf(grid: string, error: unknown): Problem {
  if (SitespanError.is(error)) return { code: error.code, message: error.message };
  return { code: 'grid-failed', message: `The grid ${grid} could not be asked for its sites: ${String(error)}` };
}
