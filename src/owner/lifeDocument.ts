import type { LifePhase, LifeSnapshot } from '../keeper/api.js';
import { duration } from './duration.js';
import { adviceFor } from './lifeAdvice.js';

/** What a phase is called where a person reads it. */
export const phaseWords: Readonly<Record<LifePhase, string>> = {
  requested: 'asked for',
  submitted: 'taken by the grid',
  waiting: 'waits for a slot',
  matched: 'given a place',
  starting: 'its job has started',
  enrolled: 'let into the cluster',
  working: 'takes tasks',
  draining: 'is being let go',
  ended: 'has ended',
};

/**
 * A worker's life as a document (Markdown): where it is, each phase with its time and what showed it, in the grid's own
 * words, and what can be done. What *Why is it not here?* and `sitespan why` show.
 *
 * @param now Unix seconds
 * @param cluster its name, where commands are to be named whole
 */
export function lifeDocument(life: LifeSnapshot, now: number, cluster = 'CLUSTER'): string {
  const { name, pool, site, job, phase, steps, warnings } = life;
  const since = steps.at(-1)?.at;
  const lasted = since === undefined ? '' : ` for ${duration(now - since)}`;
  const isHere = phase === 'working';
  const title = isHere ? `${name} is here` : `Why ${name} is not here`;
  const state = phase === 'ended' ? `It ${phaseWords.ended}.` : `Now: ${phaseWords[phase]},${lasted}.`;
  const lines = [
    `# ${title}`,
    '',
    `Pool ${pool}, site ${site}, ${job === null ? 'no job yet' : `job ${job}`}. ${state}`,
    '',
    '## What has happened',
    '',
    ...steps.map((step, index) => lineOf(step, steps[index - 1]?.at)),
    ...(steps.length === 0 ? ['Nothing yet: it is only wished for.'] : []),
  ];
  if (warnings.length > 0) lines.push('', '## What was noticed', '', ...warnings.map((sentence) => `- ${sentence}`));
  lines.push('', '## What to do', '', ...adviceFor(life, now, cluster).map((sentence) => `- ${sentence}`));
  return `${lines.join('\n')}\n`;
}

function lineOf({ phase, at, evidence }: LifeSnapshot['steps'][number], before: number | undefined): string {
  const after = before === undefined ? '' : ` (${duration(at - before)} later)`;
  // Its own words may be several lines.
  const words = evidence.trim().split('\n').join('\n  ');
  return `- ${moment(at)}${after}: ${phaseWords[phase]}${words === '' ? '' : `: ${words}`}`;
}

/** In UTC, as the logs of grids and sites have it. */
function moment(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
