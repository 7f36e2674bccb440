import type { LifePhase } from './api.js';
import type { FactOf } from './fact.js';
import type { PoolWish } from './ledger.js';
import type { Life } from './worker/life.js';

/** So many starts in a row that failed for the same reason: more of them would only waste the site's slots. */
export const alikeLimit = 3;
/** And so many that failed for any. */
export const anyLimit = 6;

const beforeStart: readonly LifePhase[] = ['requested', 'submitted', 'waiting', 'matched'];

export function waitsForStart(life: Life): boolean {
  return beforeStart.includes(life.phase);
}

/** A site that a pool is to be closed at; `workers` is what the pool should have from then on. */
export type StopAtSite = Omit<FactOf<'stopped'>, 'is' | 'at'>;

/**
 * Finds the sites at which a pool's workers do not survive their start. All jobs of a pool are submitted at once, so the first
 * few tell what would become of the rest: those that still wait are given up, and the pool shrinks to what works or has started.
 *
 * A site is closed for its pool alone and until it is scaled again; what starts at other sites goes on.
 */
export function failingStarts(
  { spec, desired, wishedAt, stopped = [] }: PoolWish,
  lives: readonly Life[],
): StopAtSite[] {
  const own = lives.filter((life) => life.pool === spec.name);
  const wishedBefore = stopped[0]?.wished ?? desired;
  const all = spec.sites.flatMap((site): StopAtSite[] => {
    const here = own.filter((life) => life.site === site);
    const known = stopped.find((one) => one.site === site);
    const failures = failedStarts(here, wishedAt);
    if (known === undefined && !isHopeless(failures)) return [];
    // Of those that had started when the site was closed, some may have failed since.
    if (known !== undefined && failures.length <= known.failures) return [];
    const why = known?.why ?? reasonOf(failures.at(-1));
    return [{ pool: spec.name, site, workers: 0, wished: wishedBefore, failures: failures.length, why }];
  });
  const closed = new Set([...stopped, ...all].map(({ site }) => site));
  const remain = own.filter(
    (life) => !life.ended && life.phase !== 'draining' && !(closed.has(life.site) && waitsForStart(life)),
  );
  return all.map((stop) => ({ ...stop, workers: Math.min(desired, remain.length) }));
}

/** What is said of a pool that is closed at sites, once for each reason. */
export function sayStopped(cluster: string, { spec, stopped = [] }: PoolWish): string[] {
  const reasons = [...new Set(stopped.map(({ why }) => why))];
  return reasons.map((why) => {
    const those = stopped.filter((one) => one.why === why);
    const lost = those.reduce((sum, { failures }) => sum + failures, 0);
    const where = those.map(({ site }) => site).join(' and ');
    return `Pool ${spec.name} lost ${lost} workers at ${where} before they worked, and asks for no more there until it is scaled again ("sitespan scale ${cluster} ${spec.name} ${those[0]?.wished ?? 1}"): ${why}`;
  });
}

/** Lives at a site since the pool was last scaled that ended before they worked, if none worked after them. */
function failedStarts(here: readonly Life[], since: number): Life[] {
  const recent = here.filter(
    (life) => (life.snapshot().steps[0]?.at ?? 0) >= since && (life.ended || life.phase === 'working'),
  );
  const lastGood = recent.findLastIndex((life) => life.hasReached('working'));
  return recent.slice(lastGood + 1).filter((life) => life.ended && !life.hasReached('draining'));
}

function isHopeless(failures: readonly Life[]): boolean {
  const tries = triesOf(failures);
  if (tries.length >= anyLimit) return true;
  const last = tries.slice(-alikeLimit);
  return last.length === alikeLimit && new Set(last.map((life) => likeness(life))).size === 1;
}

/** A bulk of which the grid never took a job is one failure, however many it was for: a grid that was away once is no bad site. */
function triesOf(failures: readonly Life[]): Life[] {
  const marks = new Set<string>();
  return failures.filter((life) => {
    if (life.hasReached('submitted')) return true;
    const isFirst = !marks.has(life.mark);
    marks.add(life.mark);
    return isFirst;
  });
}

/** A reason without what differs from job to job: names of workers, hosts in brackets, numbers. */
function likeness(life: Life): string {
  return reasonOf(life).replaceAll(life.name, '').replaceAll(/\d+/g, '#');
}

function reasonOf(life: Life | undefined): string {
  return life?.snapshot().steps.at(-1)?.evidence ?? '';
}
