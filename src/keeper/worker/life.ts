import type { LifePhase, LifeSnapshot, WorkerSnapshot } from '../api.js';
import { lifePhases } from '../api.js';

/** One step of a life, with what showed it. `at` is Unix seconds. */
export interface LifeStep {
  readonly phase: LifePhase;
  readonly at: number;
  readonly evidence: string;
}

/**
 * A worker's life from the wish for it to its end, each step with its time and evidence: what *Why is it not here?* shows.
 *
 * A life only goes forward, since its witnesses (grid, enrolment, scheduler) report late and out of order; only the same
 * grid job starting again (`startAgain`) takes it back.
 */
export class Life {
  private readonly done: LifeStep[] = [];
  private readonly noted: string[] = [];
  private grid: string | null = null;
  private present: string;

  constructor(
    readonly name: string,
    readonly pool: string,
    readonly site: string,
    /** Of the bulk it was asked for with; empty where nobody needs it. */
    readonly mark = '',
  ) {
    this.present = name;
  }

  get phase(): LifePhase {
    return this.done.at(-1)?.phase ?? 'requested';
  }

  get ended(): boolean {
    return this.phase === 'ended';
  }

  /** The grid's job, once it has one. */
  get job(): string | null {
    return this.grid;
  }

  /** The subject of its latest credential: its own name, and `<name>_<n>` from the job's second start on. */
  get subject(): string {
    return this.present;
  }

  /** When its phase was reached (Unix seconds); NaN before the first. */
  get since(): number {
    return this.done.at(-1)?.at ?? Number.NaN;
  }

  hasReached(phase: LifePhase): boolean {
    return this.done.some((step) => step.phase === phase);
  }

  canReach(phase: LifePhase): boolean {
    return this.done.length === 0 || rank(phase) > rank(this.phase);
  }

  belongsTo(job: string): void {
    this.grid = job;
  }

  /** Goes forward to a phase; what is behind already changes nothing. @returns whether it changed */
  reach(step: LifeStep): boolean {
    if (!this.canReach(step.phase)) return false;
    this.done.push(step);
    return true;
  }

  /** The same grid job has started once more and taken `subject` as its name; its predecessor is no longer believed. */
  startAgain(subject: string, at: number): void {
    this.noted.push(
      `Job ${this.grid ?? '?'} started again at ${new Date(at * 1000).toISOString()} and replaced ${this.present}.`,
    );
    this.present = subject;
    this.done.push({ phase: 'starting', at, evidence: 'the same grid job started again' });
  }

  warn(sentence: string): void {
    this.noted.push(sentence);
  }

  /** Without its history. */
  glance(): WorkerSnapshot {
    const { name, site, job, phase } = this;
    const last = this.done.at(-1);
    return { name, site, job, phase, since: last?.at ?? 0, evidence: last?.evidence ?? '' };
  }

  snapshot(): LifeSnapshot {
    return {
      name: this.name,
      pool: this.pool,
      site: this.site,
      job: this.grid,
      phase: this.phase,
      steps: [...this.done],
      warnings: [...this.noted],
    };
  }
}

function rank(phase: LifePhase): number {
  return lifePhases.indexOf(phase);
}
