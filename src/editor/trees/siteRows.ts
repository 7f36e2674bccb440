import type { SiteSnapshot } from '../../keeper/api.js';
import { troublesOfSite } from '../troubles.js';
import { colors, iconOfTone, type Row } from './row.js';

type Numbers = Pick<SiteSnapshot, 'waiting' | 'running' | 'workers'>;

export function gridRow(grid: string, sites: readonly SiteSnapshot[]): Row {
  const label = grid === 'local' ? 'This computer' : grid;
  const names = new Set(sites.map(({ name }) => name));
  const count = `${names.size} ${names.size === 1 ? 'site' : 'sites'}`;
  return {
    label,
    description: [count, jobs(sum(sites))].join(' · '),
    icon: { id: grid === 'local' ? 'device-desktop' : 'globe' },
    tooltip: [['Grid', grid], ...jobLines(sum(sites))],
    flags: ['grid'],
    spoken: `Grid ${label}, ${count}, ${jobs(sum(sites))}`,
    opens: 'open',
  };
}

/** A site, as all clusters that may use it know it. */
export function siteRow(name: string, here: readonly SiteSnapshot[]): Row {
  const slots = Math.max(...here.map((site) => site.slots ?? 0), 0);
  const warned = here.flatMap((site) => troublesOfSite('', site))[0];
  const verdict = here.flatMap((site) => site.verdict ?? []).toSorted((a, b) => b.at - a.at)[0];
  const banned = here.some((site) => site.banned);
  const words = here.flatMap((site) => site.gridWords ?? [])[0];
  const parts = [
    ...(slots === 0 ? [] : [`${slots} slots`]),
    jobs(sum(here)),
    ...(banned ? ['banned'] : []),
    ...(verdict === undefined ? [] : [verdict.ok ? 'probed: fit' : 'probed: unfit']),
  ];
  const good = verdict?.ok === true || sum(here).workers > 0;
  return {
    label: name,
    description: parts.join(' · '),
    icon: warned === undefined ? { id: 'server', ...(good ? { color: colors.good } : {}) } : iconOfTone(warned.tone),
    tooltip: [
      ...(slots === 0 ? [] : [['Slots', String(slots)] as const]),
      ...jobLines(sum(here)),
      ...(words === undefined ? [] : [['The grid says', words] as const]),
      ...(verdict === undefined
        ? ['Not probed yet.']
        : [
            ['Probed', new Date(verdict.at * 1000).toISOString().replace('T', ' ').slice(0, 19)] as const,
            verdict.sentence,
          ]),
      ...Object.entries(verdict?.facts ?? {}),
    ],
    flags: ['site', 'probeable', 'scalable', ...(banned ? ['banned'] : [])],
    spoken: `Site ${name}, ${parts.join(', ')}`,
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
