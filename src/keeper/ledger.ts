import type { PoolSpec, Verdict } from './api.js';
import type { Fact, FactOf } from './fact.js';
import { Life } from './worker/life.js';

/** A pool as wished: its kind of worker, and how many. */
export interface PoolWish {
  readonly spec: PoolSpec;
  readonly desired: number;
  /** When that number was last asked for (Unix seconds). */
  readonly wishedAt: number;
  /** Between these the number follows the scheduler's target; absent where it is fixed. */
  readonly adaptive?: { readonly minimum: number; readonly maximum: number };
  /** It had so many workers when it was drained since nothing had run for `minutes`; absent once it has been scaled again. */
  readonly drained?: { readonly workers: number; readonly minutes: number; readonly at: number };
  /** Sites at which its workers did not survive their start; absent once it has been scaled again. */
  readonly stopped?: readonly FactOf<'stopped'>[];
}

/** One bulk of jobs: asked of the grid under `mark`, for these lives; `jobs` once the grid has answered. */
export interface Bulk {
  readonly mark: string;
  readonly pool: string;
  readonly site: string;
  readonly lives: readonly string[];
  readonly token: string;
  readonly expires: number;
  /** Unix seconds. */
  readonly askedAt: number;
  readonly jobs?: readonly string[];
}

/** A look at a site: `verdict` once there is one. */
export interface Probe {
  readonly mark: string;
  readonly grid: string;
  readonly site: string;
  readonly verdict?: Verdict;
}

/**
 * What a cluster is, as its journal tells it: nothing else is the truth about its pools, jobs and lives.
 *
 * The keeper changes it only by `apply`, with a fact that is on disk already; a new keeper applies the same facts and
 * knows the same.
 */
export class Ledger {
  private readonly poolsByName = new Map<string, PoolWish>();
  private readonly livesByName = new Map<string, Life>();
  private readonly bulksByMark = new Map<string, Bulk>();
  private readonly bulksByToken = new Map<string, Bulk>();
  private readonly revokedTokens = new Set<string>();
  private readonly revokedSubjects = new Set<string>();
  private readonly kernelsById = new Map<string, FactOf<'kernel'>>();
  private readonly kernelEndsById = new Map<string, string>();
  private readonly probesByMark = new Map<string, Probe>();
  private relayAt: FactOf<'relay'> | undefined;
  private close: FactOf<'closing'> | undefined;
  private idle: number | undefined;
  private jupyterWanted = false;

  apply(fact: Fact): void {
    switch (fact.is) {
      case 'relay':
        this.relayAt = fact;
        break;
      case 'pool':
        this.poolsByName.set(fact.pool.name, {
          desired: 0,
          wishedAt: fact.at,
          ...this.pool(fact.pool.name),
          spec: fact.pool,
        });
        break;
      case 'scale':
        this.resize(fact.pool, ({ spec }) => ({ spec, desired: fact.workers, wishedAt: fact.at }));
        break;
      case 'adapt': {
        const { minimum, maximum } = fact;
        this.resize(fact.pool, ({ spec, desired }) => ({
          spec,
          desired: Math.min(maximum, Math.max(minimum, desired)),
          wishedAt: fact.at,
          adaptive: { minimum, maximum },
        }));
        break;
      }
      case 'adapted':
        // Nobody wished it: a pool whose workers do not survive their start stays stopped.
        this.resize(fact.pool, ({ drained: _, ...pool }) => ({ ...pool, desired: fact.workers }));
        break;
      case 'idle':
        this.idle = fact.since;
        break;
      case 'busy':
        this.idle = undefined;
        break;
      case 'drained':
        for (const { pool: name, workers } of fact.pools) {
          const drained = { workers, minutes: fact.minutes, at: fact.at };
          this.resize(name, (pool) => ({ ...pool, desired: 0, drained }));
        }
        break;
      case 'stopped':
        this.resize(fact.pool, ({ stopped = [], ...pool }) => ({
          ...pool,
          desired: fact.workers,
          stopped: [...stopped.filter(({ site }) => site !== fact.site), fact],
        }));
        break;
      case 'intent':
        this.applyIntent(fact);
        break;
      case 'submitted':
        this.applySubmitted(fact);
        break;
      case 'refused':
        for (const name of this.bulksByMark.get(fact.mark)?.lives ?? []) {
          this.life(name)?.reach({ phase: 'ended', at: fact.at, evidence: fact.why });
        }
        break;
      case 'life':
        this.life(fact.life)?.reach({ phase: fact.phase, at: fact.at, evidence: fact.evidence });
        if (fact.phase === 'ended') this.revoke(this.life(fact.life));
        break;
      case 'noticed':
        this.life(fact.life)?.warn(fact.sentence);
        break;
      case 'enrolled':
        this.applyEnrolled(fact);
        break;
      case 'worker-drained':
        this.applyDrained(fact);
        break;
      case 'probe':
        this.probesByMark.set(fact.mark, { mark: fact.mark, grid: fact.grid, site: fact.site });
        break;
      case 'probed':
        this.applyProbed(fact);
        break;
      case 'token-revoked':
        this.revokedTokens.add(fact.token);
        break;
      case 'kernel':
        this.kernelsById.set(fact.id, fact);
        this.kernelEndsById.delete(fact.id);
        break;
      case 'kernel-notebook': {
        const kernel = this.kernelsById.get(fact.id);
        if (kernel !== undefined) this.kernelsById.set(fact.id, { ...kernel, notebook: fact.notebook });
        break;
      }
      case 'kernel-ended':
        this.kernelEndsById.set(fact.id, fact.why);
        break;
      case 'jupyter':
        this.jupyterWanted = true;
        break;
      case 'closing':
        this.close ??= fact;
        break;
      case 'closed':
        break;
    }
  }

  get relay(): FactOf<'relay'> | undefined {
    return this.relayAt;
  }

  get closing(): FactOf<'closing'> | undefined {
    return this.close;
  }

  /** Since when nothing has run (Unix seconds), as far as that was written down. */
  get idleSince(): number | undefined {
    return this.idle;
  }

  get pools(): PoolWish[] {
    return [...this.poolsByName.values()];
  }

  get lives(): Life[] {
    return [...this.livesByName.values()];
  }

  get kernels(): FactOf<'kernel'>[] {
    return [...this.kernelsById.values()];
  }

  /** Whether somebody has asked for the cluster's Jupyter server. */
  get jupyter(): boolean {
    return this.jupyterWanted;
  }

  /** Why kernels were ended, by their ids. */
  get kernelEnds(): ReadonlyMap<string, string> {
    return this.kernelEndsById;
  }

  /** Bulks whose submission was begun and not answered: the grid must be asked for their mark. */
  get unanswered(): Bulk[] {
    return [...this.bulksByMark.values()].filter(
      (bulk) => bulk.jobs === undefined && bulk.lives.some((name) => this.life(name)?.ended === false),
    );
  }

  /** Each site's last verdict, and the looks that have none yet. */
  get probes(): Probe[] {
    return [...this.probesByMark.values()];
  }

  /** Subjects whose credentials are no longer honoured: of lives that ended, and of starts that were replaced. */
  get revoked(): string[] {
    return [...this.revokedSubjects];
  }

  get bulks(): number {
    return this.bulksByMark.size;
  }

  pool(name: string): PoolWish | undefined {
    return this.poolsByName.get(name);
  }

  life(name: string): Life | undefined {
    return this.livesByName.get(name);
  }

  /** Of a bulk, since two grids may have a job of the same id. */
  lifeOfJob(bulk: Bulk, job: string): Life | undefined {
    const name = bulk.lives[bulk.jobs?.indexOf(job) ?? -1];
    return name === undefined ? undefined : this.life(name);
  }

  bulkOfToken(token: string): Bulk | undefined {
    return this.bulksByToken.get(token);
  }

  isTokenRevoked(token: string): boolean {
    return this.revokedTokens.has(token);
  }

  private resize(name: string, change: (pool: PoolWish) => PoolWish): void {
    const pool = this.poolsByName.get(name);
    if (pool !== undefined) this.poolsByName.set(name, change(pool));
  }

  private applyDrained({ life: name, at }: FactOf<'worker-drained'>): void {
    const life = this.life(name);
    if (life?.reach({ phase: 'draining', at, evidence: 'its owner drained it' }) !== true) return;
    this.resize(life.pool, (pool) => ({ ...pool, desired: Math.max(0, pool.desired - 1) }));
  }

  private applyProbed({ mark, verdict }: FactOf<'probed'>): void {
    const probe = this.probesByMark.get(mark);
    if (probe === undefined) return;
    for (const other of this.probes) {
      const isOlder = other.verdict !== undefined && other.grid === probe.grid && other.site === probe.site;
      if (isOlder) this.probesByMark.delete(other.mark);
    }
    this.probesByMark.set(mark, { ...probe, verdict });
  }

  private applyIntent(fact: FactOf<'intent'>): void {
    const { mark, pool, site, lives, token, expires } = fact;
    const bulk = { mark, pool, site, lives, token, expires, askedAt: fact.at };
    this.bulksByMark.set(mark, bulk);
    this.bulksByToken.set(token, bulk);
    for (const name of lives) {
      const life = new Life(name, pool, site, mark);
      life.reach({ phase: 'requested', at: fact.at, evidence: `asked of ${site} as ${mark}` });
      this.livesByName.set(name, life);
    }
  }

  private applySubmitted(fact: FactOf<'submitted'>): void {
    const bulk = this.bulksByMark.get(fact.mark);
    if (bulk === undefined) return;
    const answered = { ...bulk, jobs: fact.jobs };
    this.bulksByMark.set(fact.mark, answered);
    this.bulksByToken.set(bulk.token, answered);
    bulk.lives.forEach((name, index) => {
      const [life, job] = [this.life(name), fact.jobs[index]];
      if (life === undefined) return;
      if (job === undefined) {
        life.reach({ phase: 'ended', at: fact.at, evidence: `${bulk.site} took fewer jobs than asked` });
        return;
      }
      life.belongsTo(job);
      life.reach({ phase: 'submitted', at: fact.at, evidence: `job ${job}` });
    });
  }

  private applyEnrolled(fact: FactOf<'enrolled'>): void {
    const life = this.life(fact.life);
    if (life === undefined) return;
    if (fact.subject !== life.subject) {
      this.revokedSubjects.add(life.subject);
      life.startAgain(fact.subject, fact.at);
    }
    life.reach({ phase: 'enrolled', at: fact.at, evidence: fact.evidence });
    for (const warning of fact.warnings) life.warn(warning);
  }

  private revoke(life: Life | undefined): void {
    if (life?.hasReached('enrolled')) this.revokedSubjects.add(life.subject);
  }
}
