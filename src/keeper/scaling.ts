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
  /** A sentence when the pool is not filled up any more, because its workers do not survive their start. */
  readonly stopped?: string;
}

/** After so many workers in a row that never worked, more of them would only waste the site's slots. */
export const failedStartsLimit = 3;

/**
 * Compares what a pool has with what it should have. New workers go to the sites that have fewest; those that go are taken
 * first where they do not work yet, then where they run no task, then where there are most.
 *
 * @param executing whether a worker runs a task now
 */
export function planScaling(
  pool: PoolWish,
  lives: readonly Life[],
  executing: (life: Life) => boolean = () => false,
): ScalingPlan {
  const own = lives.filter((life) => life.pool === pool.spec.name);
  const present = own.filter((life) => !life.ended && life.phase !== 'draining');
  const surplus = present.length - pool.desired;
  if (surplus > 0) return { submit: new Map(), ...shrink(present, surplus, executing) };
  const failures = failedStarts(own, pool.wishedAt);
  if (surplus < 0 && failures.length >= failedStartsLimit) {
    const last = failures.at(-1)?.snapshot().steps.at(-1)?.evidence ?? '';
    return {
      submit: new Map(),
      drain: [],
      cancel: [],
      stopped: `Pool ${pool.spec.name} lost ${failures.length} workers before they worked, and asks for no more until it is scaled again. The last one: ${last}`,
    };
  }
  return { submit: spread(pool.spec.sites, present, -surplus), drain: [], cancel: [] };
}

function spread(sites: readonly string[], present: readonly Life[], missing: number): Map<string, number> {
  const has = new Map(sites.map((site) => [site, present.filter((life) => life.site === site).length]));
  const submit = new Map<string, number>();
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

/** Lives since the pool was last scaled that ended before they worked, if none worked after them. */
function failedStarts(own: readonly Life[], since: number): Life[] {
  const recent = own.filter(
    (life) => (life.snapshot().steps[0]?.at ?? 0) >= since && (life.ended || life.phase === 'working'),
  );
  const lastGood = recent.findLastIndex((life) => life.hasReached('working'));
  return recent.slice(lastGood + 1).filter((life) => life.ended && !life.hasReached('draining'));
}
