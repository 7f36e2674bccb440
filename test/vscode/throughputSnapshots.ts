import type { PanelSnapshot } from '../../src/editor/protocol.js';

const phases = ['working', 'working', 'working', 'starting', 'waiting', 'draining'];
const begin = 1_790_000_000;

export interface BusyCluster {
  readonly workers: number;
  readonly by?: PanelSnapshot['by'];
  readonly curves?: number;
  readonly points?: number;
}

/** What a panel sends of a large cluster in a busy moment; with the next moment every life and rate is another. */
export function busySnapshot(
  moment: number,
  { workers, by = 'site', curves = 6, points = 300 }: BusyCluster,
): PanelSnapshot {
  const last = begin + 300 + moment * 0.5;
  const times = Array.from({ length: points }, (_, index) =>
    index === points - 1 ? last : Math.floor(last) - 300 + Math.floor((index * 300) / points),
  );
  const series = Array.from({ length: curves }, (_, curve) => {
    const events = times.map((time) => wave(time, curve));
    const name = by === 'site' ? `site-${curve + 1}` : `main-${curve + 1}`;
    return { name, site: `site-${(curve % 6) + 1}`, events, bytes: events.map((rate) => rate * 2400) };
  });
  const rows = Array.from({ length: workers }, (_, index) => ({
    worker: `main-${index + 1}`,
    site: `site-${(index % 6) + 1}`,
    pool: 'main',
    phase: phases[(index + moment) % phases.length] ?? 'working',
    eventsPerSecond: wave(last, index) / 10,
    bytesPerSecond: wave(last, index) * 240,
    tasks: moment + index,
    failed: index % 97 === 0 ? 1 : 0,
    cpu: (index * 7 + moment) % 101,
    memory: 1e9 + index * 1e6,
    memoryLimit: 4e9,
    since: last - ((index * 13 + moment) % 4000),
  }));
  return {
    ...{ condition: 'live', what: { kind: 'cluster', name: 'ttbar' }, by, clusters: ['ttbar', 'wjets'] },
    runs: [{ id: 'ttbar-1a2b3c', label: 'ttbar, 30 November 14:03' }],
    ...{ sentence: null, action: null, rows, at: last },
    view: {
      ...{ by, times, series },
      marks: [
        ...Array.from({ length: 30 }, (_, n) => ({
          at: begin + 20 + n / 2,
          kind: 'join' as const,
          worker: `main-${n}`,
          site: 'site-1',
        })),
        { at: begin + 150, kind: 'loss', worker: 'main-7', site: 'site-2' },
        { at: begin + 260, kind: 'drain', worker: 'main-9', site: 'site-3' },
      ],
      cells: [
        { at: begin + 10, endedAt: begin + 60, label: '[3]', kernel: 'k1', status: 'done' },
        { at: begin + 80, endedAt: null, label: '[4]', kernel: 'k1', status: 'running' },
      ],
      totals: {
        ...{ events: 123_456_789 + moment * 1000, bytes: 2.9e11, again: { events: 25_000, bytes: 6e7 } },
        ...{
          eventsPerSecond: 1.2e6,
          bytesPerSecond: 2.9e9,
          files: 340,
          filesExpected: 900,
          filesLeft: 560,
          etaSeconds: 400,
        },
      },
    },
  };
}

/** A condition without anything to see. */
export function bareSnapshot(condition: PanelSnapshot['condition'], sentence: string, action: string): PanelSnapshot {
  const nothing = { what: null, by: 'site', clusters: [], runs: [], view: null, rows: [] } as const;
  return { ...nothing, clusters: [], runs: [], rows: [], condition, sentence, action, at: begin };
}

function wave(time: number, curve: number): number {
  return Math.max(0, Math.round(9000 + 5000 * Math.sin(time / 23 + curve) + 2500 * Math.sin(time / 5 + curve * 2)));
}
