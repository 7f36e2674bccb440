/** What the relay tells its owner, one event a call: names, sizes and times, never a secret. */
export type RelayLog = (event: RelayEvent) => void;

export interface RelayEvent {
  readonly event: string;
  readonly [field: string]: string | number | boolean;
}

/** One JSON object a line. */
export function logLines(write: (line: string) => void): RelayLog {
  return (event) => write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
}
