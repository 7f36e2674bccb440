import type { SiteSnapshot, Verdict } from '../../keeper/api.js';
import type { GridSite } from '../../owner/gridSites.js';
import { troublesOfSite } from '../troubles.js';
import { colors, iconOfTone, type Row } from './row.js';

type Numbers = Pick<SiteSnapshot, 'waiting' | 'running' | 'workers'>;

/** @param added whether it was added on this computer, and so can be removed and checked */
export function gridRow(grid: string, names: readonly string[], sites: readonly SiteSnapshot[], added: boolean): Row {
  const label = grid === 'local' ? 'This computer' : grid;
  const count = `${names.length} ${names.length === 1 ? 'site' : 'sites'}`;
  const here = sites.length === 0 ? [] : [jobs(sum(sites))];
  return {
    label,
    description: [count, ...here].join(' · '),
    icon: { id: grid === 'local' ? 'device-desktop' : 'globe' },
    tooltip: [['Grid', grid], ...jobLines(sum(sites))],
    flags: ['grid', 'probeable', ...(added ? ['added'] : [])],
    spoken: [`Grid ${label}`, count, ...here].join(', '),
    opens: 'open',
  };
}

/** A site, as all clusters that may use it know it; where there is none, as its grid tells. */
export function siteRow(name: string, here: readonly SiteSnapshot[], told?: GridSite): Row {
  const known = here.length === 0 && told !== undefined ? [snapshotOf(told)] : here;
  const slots = Math.max(...known.map((site) => site.slots ?? 0), 0);
  const warned = known.flatMap((site) => troublesOfSite('', site))[0];
  const verdict = [
    ...known.flatMap((site) => site.verdict ?? []),
    ...(told?.verdict === undefined ? [] : [told.verdict]),
  ]
    .toSorted((a, b) => b.at - a.at)
    .at(0);
  const banned = known.some((site) => site.banned);
  const words = known.flatMap((site) => site.gridWords ?? [])[0];
  const state = [
    ...(banned ? ['banned'] : []),
    ...(verdict === undefined ? [] : [verdict.ok ? 'probed: fit' : 'probed: unfit']),
  ];
  // Others' jobs are the least of it, and a side bar is narrow.
  const parts =
    here.length === 0
      ? [...state, ...allUsers(told)]
      : [...(slots === 0 ? [] : [`${slots} slots`]), jobs(sum(here)), ...state];
  const good = verdict?.ok === true || sum(known).workers > 0;
  return {
    label: name,
    description: parts.join(' · '),
    icon: warned === undefined ? { id: 'server', ...(good ? { color: colors.good } : {}) } : iconOfTone(warned.tone),
    tooltip: [
      ...(slots === 0 ? [] : [['Slots', String(slots)] as const]),
      ...(here.length === 0 ? allUserLines(told) : jobLines(sum(here))),
      ...(words === undefined ? [] : [['The grid says', words] as const]),
      ...verdictLines(verdict),
    ],
    flags: ['site', 'probeable', 'scalable', ...(banned ? ['banned'] : [])],
    spoken: [`Site ${name}`, ...parts].join(', '),
    opens: 'closed',
  };
}

export function shareRow(cluster: string, here: readonly SiteSnapshot[]): Row {
  return {
    label: cluster,
    description: jobs(sum(here)),
    icon: { id: 'server-environment' },
    tooltip: jobLines(sum(here)),
    flags: ['share', 'scalable'],
    spoken: `Cluster ${cluster} here: ${jobs(sum(here))}`,
    opens: 'no',
  };
}

/** A site of which only its grid tells, as a cluster without jobs would know it. */
export function snapshotOf({ name, word, workers, verdict }: GridSite): SiteSnapshot {
  return {
    ...{ name, workers, waiting: 0, running: workers },
    banned: word !== undefined && word !== 'Active',
    ...(word === undefined ? {} : { gridWords: word }),
    ...(verdict === undefined ? {} : { verdict }),
  };
}

function allUsers(told: GridSite | undefined): string[] {
  if (told === undefined) return [];
  const { jobs: all, workers } = told;
  return [
    ...(workers === 0 ? [] : [`${workers} ${workers === 1 ? 'worker' : 'workers'}`]),
    ...(all === undefined ? [] : [`${all.running} running, ${all.waiting} waiting of all users`]),
  ];
}

function allUserLines(told: GridSite | undefined): (readonly [string, string])[] {
  const all = told?.jobs;
  if (all === undefined) return [];
  return [
    ['Jobs of all users that wait', String(all.waiting)],
    ['Jobs of all users that run', String(all.running)],
  ];
}

function verdictLines(verdict: Verdict | undefined): Row['tooltip'] {
  if (verdict === undefined) return ['Not probed yet.'];
  const at = new Date(verdict.at * 1000).toISOString().replace('T', ' ').slice(0, 19);
  return [['Probed', at], verdict.sentence, ...Object.entries(verdict.facts)];
}

function sum(sites: readonly Numbers[]): Numbers {
  const of = (what: keyof Numbers): number => sites.reduce((so, site) => so + site[what], 0);
  return { waiting: of('waiting'), running: of('running'), workers: of('workers') };
}

function jobs({ waiting, running, workers }: Numbers): string {
  const some = [
    `${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    ...(running > workers ? [`${running - workers} starting or leaving`] : []),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ];
  return some.join(', ');
}

function jobLines({ waiting, running, workers }: Numbers): (readonly [string, string])[] {
  return [
    ['Jobs that wait', String(waiting)],
    ['Jobs that run', String(running)],
    ['Workers at work', String(workers)],
  ];
}
