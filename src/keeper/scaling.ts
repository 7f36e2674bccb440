import { waitsForStart } from './failingStarts.js';
import type { PoolWish } from './ledger.js';
import type { Life } from './worker/life.js';

/** What would bring a pool to its wished number of workers. */
export interface ScalingPlan {
  /** How many new workers to ask of which site. */
  readonly submit: ReadonlyMap<string, number>;
  /** Workers that work: to be retired in Dask before their job ends. */
  readonly drain: readonly Life[];
  /** Workers that do not work yet: their jobs can end at once. */
  readonly cancel: readonly Life[];
}

/**
 * Compares what a pool has with what it should have. New workers go to the sites that have fewest; those that go are taken
 * first where they do not work yet, then where they run no task, then where there are most. A site at which starts fail
 * (`failingStarts.ts`) is asked for no more, and what still waits there goes first.
 *
 * @param executing whether a worker runs a task now
 */
export function planScaling(
  pool: PoolWish,
  lives: readonly Life[],
  executing: (life: Life) => boolean = () => false,
): ScalingPlan {
  const closed = new Set(pool.stopped?.map(({ site }) => site));
  const all = lives.filter((life) => life.pool === pool.spec.name && !life.ended && life.phase !== 'draining');
  const doomed = all.filter((life) => closed.has(life.site) && waitsForStart(life));
  const present = all.filter((life) => !doomed.includes(life));
  const surplus = present.length - pool.desired;
  if (surplus > 0) {
    const { drain, cancel } = shrink(present, surplus, executing);
    return { submit: new Map(), drain, cancel: [...doomed, ...cancel] };
  }
  const open = pool.spec.sites.filter((site) => !closed.has(site));
  return { submit: spread(open, present, -surplus), drain: [], cancel: doomed };
}

function spread(sites: readonly string[], present: readonly Life[], missing: number): Map<string, number> {
  const submit = new Map<string, number>();
  if (sites.length === 0) return submit;
  const has = new Map(sites.map((site) => [site, present.filter((life) => life.site === site).length]));
  for (let n = 0; n < missing; n++) {
    const site = [...has].reduce((fewest, next) => (next[1] < fewest[1] ? next : fewest))[0];
    has.set(site, (has.get(site) ?? 0) + 1);
    submit.set(site, (submit.get(site) ?? 0) + 1);
  }
  return submit;
}

function shrink(
  present: readonly Life[],
  surplus: number,
  executing: (life: Life) => boolean,
): Pick<ScalingPlan, 'drain' | 'cancel'> {
  const idle = present.filter((life) => life.phase !== 'working');
  const cancel = idle.slice(-surplus);
  const working = present.filter((life) => life.phase === 'working');
  const drain: Life[] = [];
  while (drain.length < surplus - cancel.length) {
    const left = working.filter((life) => !drain.includes(life));
    const at = (life: Life): number => left.filter((other) => other.site === life.site).length;
    const resting = left.filter((life) => !executing(life));
    const first = resting.length > 0 ? resting : left;
    const next = first.findLast((life) => first.every((other) => at(other) <= at(life)));
    if (next === undefined) break;
    drain.push(next);
  }
  return { drain, cancel };
}
