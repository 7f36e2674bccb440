import type { LifeSnapshot } from '../keeper/api.js';
import { duration } from './duration.js';

/** A job that has waited so long is worth looking for a quicker site. */
const longWaitSeconds = 3600;
/** Python, its packages and the enrolment take less, also from a slow file system. */
const longStartSeconds = 300;

/** What ended a worker, as far as its last evidence tells, and what its owner can do about it. */
interface Ending {
  readonly shows: RegExp;
  readonly advice: (commands: Commands) => string;
}

interface Commands {
  readonly log: string;
  readonly scale: string;
  readonly environments: string;
}

/** Of one that never became a job: what its grid, or the way to it, was in trouble with. */
const unasked: readonly Ending[] = [
  {
    shows: /\bproxy\b.*\b(?:expired|missing|unreadable)|There is no proxy/i,
    advice: () =>
      'Make a new proxy ("sitespan proxy init"); its pool asks for another by itself as soon as there is one.',
  },
  {
    shows: /DIRAC refused/,
    advice: () =>
      'DIRAC did not let you in: look at the group of your proxy ("sitespan proxy info"). Its pool asks for another by itself as soon as it may.',
  },
  {
    shows: /did not answer|did not come within|HTTP status 5|keeper was ended/,
    advice: () =>
      'The grid was away when it was asked, so this one never became a job; its pool asks for another by itself as soon as the grid answers.',
  },
];

/** In this order: what a job said itself tells more than the number it left with. */
const endings: readonly Ending[] = [
  {
    shows:
      /environment-differs|another environment than the cluster|differs from the cluster|the cluster's is|the cluster has/i,
    advice: ({ environments }) =>
      `Its Python is not the cluster's: give the pool an environment with the same versions ("${environments}" lists those that fit).`,
  },
  {
    shows: /token-(expired|revoked|spent|unknown)|join token/i,
    advice: ({ scale }) =>
      `Its join token was no longer good, as after a very long wait in the queue; ask for workers again: "${scale}".`,
  },
  {
    shows: /relay|unreachable|ECONNREFUSED|ETIMEDOUT|Connection refused|timed out|Exited with 4\b/i,
    advice: () =>
      'It could not reach the relay or the scheduler from its site. Ask the site to allow outgoing TCP to the relay (docs/firewall.md is for its administrators), or choose a relay they can reach.',
  },
  {
    shows: /No module named|ModuleNotFoundError|ImportError|not found|No such file|Exited with 12[67]\b/i,
    advice: ({ environments }) =>
      `Its environment is not there on the site's node, or lacks a package: choose one that the site has ("${environments}").`,
  },
  {
    shows: /memory|OOM|signal 9\b|Exited with 137\b/i,
    advice: () =>
      'It was killed from outside, most often for its memory: give the pool more memory per worker, or smaller pieces of work to each task.',
  },
  {
    shows: /walltime|time limit/i,
    advice: ({ scale }) =>
      `Its time at the site was over. The pool replaces it by itself; more time per worker is a setting of the pool ("${scale}" asks for more workers).`,
  },
  {
    shows: /Vanished|stalled/i,
    advice: () =>
      'It vanished without a word: its node was restarted, or it was killed together with what watches it. The pool replaces it.',
  },
  {
    shows: /drained|scaled to|adapted to|Killed|the cluster was closed|Exited with 0\b/i,
    advice: ({ scale }) => `It was ended on purpose. Ask for more workers with "${scale}".`,
  },
];

/** As the keeper remarks it of a job that had a place. */
const inQueueAgain = /back into the queue/;

/** What can be done about a worker that is, or is not, here: whole sentences, at least one. */
export function adviceFor(life: LifeSnapshot, now: number, cluster: string): string[] {
  const lastRemark = life.warnings.at(-1) ?? '';
  if (inQueueAgain.test(lastRemark) && !['draining', 'ended'].includes(life.phase)) {
    return [
      `Its grid has lost it once and starts its job again by itself, mostly within minutes; until then it takes no tasks.`,
      `To have another at once, at the end of the queue, end this one: "sitespan kill ${cluster} ${life.name}".`,
    ];
  }
  const last = life.steps.at(-1);
  const seconds = last === undefined ? 0 : now - last.at;
  const commands: Commands = {
    log: `sitespan logs ${cluster} ${life.name}`,
    scale: `sitespan scale ${cluster} ${life.pool} N`,
    environments: `sitespan environments --cluster ${cluster}`,
  };
  switch (life.phase) {
    case 'requested':
      return [
        `The grid has not answered yet; "sitespan status ${cluster}" says whether something hinders it. Nothing is asked for twice meanwhile.`,
      ];
    case 'submitted':
    case 'waiting':
      return waitingAdvice(life, seconds, commands);
    case 'matched':
      return [`A place at ${life.site} has been found and its job is being started there; nothing is to be done.`];
    case 'starting':
      return seconds < longStartSeconds
        ? ['Its Python is being started and dials the relay; this takes a minute or two, and up to ten on a slow disk.']
        : [
            `It has run for ${duration(seconds)} without calling in: most often the site's firewall lets nothing out to the relay, or its environment is very slow. Look at its log: "${commands.log}".`,
            'It gives up by itself after 10 minutes of trying, and its last words are then here.',
          ];
    case 'enrolled':
      return [
        `It has been let in and registers with the scheduler, which takes seconds; if it stays so, look at its log: "${commands.log}".`,
      ];
    case 'working':
      return [`Nothing: it takes tasks. Its log: "${commands.log}".`];
    case 'draining':
      return [
        `Its data is being moved to others, then its job ends; this was wished for (${last?.evidence ?? 'by its pool'}).`,
      ];
    case 'ended':
      return endedAdvice(life, commands);
  }
}

function waitingAdvice(life: LifeSnapshot, seconds: number, { scale }: Commands): string[] {
  if (seconds < longWaitSeconds) {
    return [
      `Nothing is wrong: the job waits for its turn at ${life.site}. Workers that are there already take tasks meanwhile.`,
    ];
  }
  return [
    `It has waited ${duration(seconds)}: ${life.site} is full or does not take such jobs now. A pool with more sites, fewer cores or a shorter walltime is served sooner.`,
    `To wait no longer, make the pool smaller ("${scale}"): those that wait are given up first.`,
  ];
}

function endedAdvice(life: LifeSnapshot, commands: Commands): string[] {
  const evidence = [...life.steps.slice(-1).map((step) => step.evidence), ...life.warnings].join('\n');
  const known = [...(life.job === null ? unasked : []), ...endings].find(({ shows }) => shows.test(evidence));
  const log = life.job === null ? [] : [`What it wrote: "${commands.log}".`];
  if (known !== undefined) return [known.advice(commands), ...log];
  if (life.steps.some(({ phase }) => phase === 'working')) return ['Its pool replaces it by itself.', ...log];
  return [
    `It ended before it worked. After three such in a row its site is asked for no more until the pool is scaled again.`,
    ...log,
  ];
}
