/** Every number of docs/relay.md, "Limits" and "Control lines"; times in milliseconds. Tests make them small. */
export interface Limits {
  readonly headBytes: number;
  readonly headMs: number;
  readonly strangers: number;
  readonly ticketMs: number;
  readonly waitingPerTarget: number;
  readonly streamsPerTarget: number;
  readonly streams: number;
  readonly idsPerCluster: number;
  readonly skewMs: number;
  readonly revokedPerCluster: number;
  readonly pingMs: number;
  readonly silentMs: number;
  readonly graceMs: number;
  readonly lineBytes: number;
  readonly keeperLineBytes: number;
}

export const defaultLimits: Limits = {
  headBytes: 4096,
  headMs: 10_000,
  strangers: 512,
  ticketMs: 10_000,
  waitingPerTarget: 2048,
  streamsPerTarget: 8192,
  streams: 60_000,
  idsPerCluster: 5000,
  skewMs: 120_000,
  revokedPerCluster: 10_000,
  pingMs: 10_000,
  silentMs: 30_000,
  graceMs: 30_000,
  lineBytes: 64 * 1024,
  keeperLineBytes: 1024 * 1024,
};
