import type { ClusterSnapshot } from '../keeper/api.js';
import { eventRate, size, whole } from '../owner/units.js';
import { table } from './table.js';

/** What a run did, by sample and by site, as lines of text. Seconds of a sample are its tasks', so they add up over workers. */
export function runTables(snapshot: ClusterSnapshot): string[] {
  const samples = Object.entries(snapshot.samples).sort(([a], [b]) => a.localeCompare(b));
  const sum = (pick: (sample: (typeof samples)[number][1]) => number): number =>
    samples.reduce((so, [, sample]) => so + pick(sample), 0);
  const row = (name: string, files: number, events: number, seconds: number): string[] => [
    name,
    whole(files),
    whole(events),
    seconds.toFixed(1),
    seconds > 0 ? eventRate(events / seconds) : '',
  ];
  const total = Math.max(1, snapshot.total.events);
  return [
    ...table(
      [
        ['sample', 'files', 'events', 'task seconds', 'events/s'],
        ...samples.map(([name, { files, events, seconds }]) => row(name, files, events, seconds)),
        [],
        row(
          'all',
          sum((one) => one.files),
          sum((one) => one.events),
          sum((one) => one.seconds),
        ),
      ],
      ['left', 'right', 'right', 'right', 'right'],
    ),
    '',
    ...table(
      [
        ['site', 'events', 'read', 'share'],
        ...snapshot.sites.map(({ site, events, bytes }) => [
          site,
          whole(events),
          size(bytes),
          `${((100 * events) / total).toFixed(0)} %`,
        ]),
      ],
      ['left', 'right', 'right', 'right'],
    ),
  ];
}
