import type { Output } from './screen.js';

/** What lines may be set apart by; each gives its text back as it is where colours are out of place. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** Colours on a terminal that knows them, unless its user wants none (`NO_COLOR`, https://no-color.org). */
export function coloursOf(output: Output, env: Readonly<Record<string, string | undefined>> = process.env): Colours {
  const wanted = output.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const set =
    (on: number, off: number) =>
    (text: string): string =>
      wanted ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return { bold: set(1, 22), dim: set(2, 22), good: set(32, 39), doubtful: set(33, 39), bad: set(31, 39) };
}
