import type { JobOutput } from '../../grid/grid.js';

/** What of an output is new to somebody, and where to go on. */
export interface NewOutput {
  readonly text: string;
  readonly offset: number;
  readonly final: boolean;
}

/**
 * What comes after what somebody has been given. A grid gives only the end of a long output, whose beginning moves on
 * meanwhile; then `seen`, the last words given, are looked for further ahead. Where they are gone, all there is is new.
 *
 * @param offset characters given so far, of the output as it was then
 */
export function outputAfter(output: JobOutput, offset: number, seen: string): NewOutput {
  // Half a character that is still being written would be another when it is whole.
  const text = output.final ? output.text : output.text.replace(/\uFFFD+$/, '');
  const at = seen === '' ? offset : endOf(text, seen, offset);
  return { text: text.slice(at), offset: text.length, final: output.final };
}

function endOf(text: string, seen: string, offset: number): number {
  const found = text.lastIndexOf(seen, offset - seen.length);
  return found === -1 || offset < seen.length ? 0 : found + seen.length;
}
