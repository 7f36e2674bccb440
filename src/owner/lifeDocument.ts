import type { LifePhase, LifeSnapshot } from '../keeper/api.js';
import { duration } from './duration.js';
import type { GridWords } from './gridWords.js';
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
 * @param told what the grid says of its job itself
 */
export function lifeDocument(life: LifeSnapshot, now: number, cluster = 'CLUSTER', told?: GridWords): string {
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
  if (told !== undefined) lines.push('', '## What the grid says', '', ...wordsOf(told, job));
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

/** In DIRAC's own words, which its administrators and its web pages use. */
function wordsOf({ grid, details, trouble }: GridWords, job: string | null): string[] {
  if (trouble !== undefined) return [`${grid} could not be asked about job ${job}: ${trouble.message}`];
  if (details === undefined) return [`${grid} has no job ${job} any more.`];
  const { status, minorStatus, applicationStatus, site, computingElement, node, history } = details;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ...([
      ['Job', `${job} of ${grid}`],
      ['Status', status],
      ['Minor status', minorStatus],
    ] as const),
    ...([
      ['Application status', applicationStatus],
      ['Site', site],
      ['Computing element', computingElement],
    ] as const),
    ['Node', node],
  ];
  return [
    ...facts.flatMap(([what, value]) => (value === undefined ? [] : [`- ${what}: ${value}`])),
    ...(history.length === 0 ? [] : ['', 'Its own record:', '']),
    ...history.map(({ status, minorStatus, applicationStatus, atMs, source }) => {
      const words = [minorStatus, applicationStatus].filter(
        (part) => part !== '' && part !== 'Unknown' && part !== 'idem',
      );
      const more = words.length === 0 ? '' : ` (${words.join('; ')})`;
      return `- ${moment(atMs / 1000)}: ${status}${more}${source === '' ? '' : `, says ${source}`}`;
    }),
  ];
}
