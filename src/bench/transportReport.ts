import { median, medianRatio, spread } from './statistics.js';
import { type TransportCase, type TransportMeasure, type TransportRounds, transportCases } from './transportMeasure.js';

/** Where and how it was measured: numbers without that are none. */
export interface Occasion {
  readonly machine: string;
  readonly command: string;
  readonly date: string;
}

interface Row {
  readonly what: string;
  readonly of: keyof TransportMeasure;
  readonly digits: number;
}

const rows: readonly Row[] = [
  { what: 'scheduler + workers + client, CPU ms a task', of: 'taskCpuMs', digits: 3 },
  { what: 'relay, CPU ms a task', of: 'taskRelayMs', digits: 3 },
  { what: 'wall ms a task', of: 'taskWallMs', digits: 3 },
  { what: 'both ends, CPU s a GB', of: 'endsCpuPerGb', digits: 2 },
  { what: 'relay, CPU s a GB', of: 'relayCpuPerGb', digits: 2 },
  { what: 'MB/s', of: 'megabytesPerSecond', digits: 0 },
  { what: 'round trip p50, µs', of: 'tripP50Us', digits: 0 },
  { what: 'round trip p99, µs', of: 'tripP99Us', digits: 0 },
  { what: 'connects a second', of: 'connectsPerSecond', digits: 0 },
  { what: 'relay, MB of memory', of: 'relayMegabytes', digits: 0 },
];

interface Aim {
  readonly what: string;
  readonly of: keyof TransportMeasure;
  readonly these: TransportCase;
  readonly those: TransportCase;
  readonly most: number;
}

const aims: readonly Aim[] = [
  { what: 'CPU a task, relay / tls', of: 'taskCpuMs', these: 'relay', those: 'tls', most: 1.0 },
  { what: 'CPU a task, resumption on / off', of: 'taskCpuMs', these: 'relay', those: 'relay-once', most: 1.1 },
  { what: 'round trip p50, relay / tls', of: 'tripP50Us', these: 'relay', those: 'tls', most: 1.2 },
  { what: "ends' CPU a GB, relay / tls", of: 'endsCpuPerGb', these: 'relay', those: 'tls', most: 1.25 },
];

/** The measurement as Markdown: medians over the rounds with ratios to tls of the same rounds, then the aims. */
export function reportOf(rounds: TransportRounds, { machine, command, date }: Occasion): string[] {
  const values = (name: TransportCase, of: keyof TransportMeasure): number[] => rounds[name].map((one) => one[of]);
  const cell = (name: TransportCase, { of, digits }: Row): string => {
    const own = values(name, of);
    const tls = values('tls', of);
    const ratio = name === 'tls' || tls.includes(0) || own.includes(0) ? '' : ` (${medianRatio(own, tls).toFixed(2)})`;
    return `${median(own).toFixed(digits)}${ratio}`;
  };
  return [
    `${date}, ${machine}; \`${command}\`; ${rounds.tls.length} rounds, medians, in brackets the ratio to tls of the same round.`,
    '',
    `| | ${transportCases.join(' | ')} |`,
    `| --- |${' --- |'.repeat(transportCases.length)}`,
    ...rows.map((row) => `| ${row.what} | ${transportCases.map((name) => cell(name, row)).join(' | ')} |`),
    '',
    '| aim | seen | spread | at most | |',
    '| --- | --- | --- | --- | --- |',
    ...aims.map(({ what, of, these, those, most }) => {
      const ratio = medianRatio(values(these, of), values(those, of));
      const ratios = values(these, of).map((value, round) => value / (values(those, of)[round] ?? Number.NaN));
      return `| ${what} | ${ratio.toFixed(2)} | ${spread(ratios)} | ${most.toFixed(2)} | ${ratio <= most ? 'met' : 'not met'} |`;
    }),
  ];
}
