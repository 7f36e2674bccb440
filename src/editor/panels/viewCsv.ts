import type { ThroughputView } from '../../keeper/throughputApi.js';

/** Rates over time as a table for other programs: a line a moment and curve. Times are UTC. */
export function viewCsv({ by, times, series }: ThroughputView): string {
  const head = ['time', by, ...(by === 'worker' ? ['site'] : []), 'events_per_second', 'bytes_per_second'];
  const lines = times.flatMap((time, index) =>
    series.map(({ name, site, events, bytes }) => [
      new Date(time * 1000).toISOString(),
      quoted(name),
      ...(by === 'worker' ? [quoted(site)] : []),
      String(events[index] ?? 0),
      String(bytes[index] ?? 0),
    ]),
  );
  return `${[head, ...lines].map((line) => line.join(',')).join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
