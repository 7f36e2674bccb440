import { median } from '../../src/bench/statistics.js';

/** What a part of the editor's benchmark has measured, in milliseconds unless said otherwise, and what it should be. */
export interface Measured {
  readonly what: string;
  readonly values: readonly number[];
  readonly unit?: string;
  readonly aim?: { readonly median: number; readonly worst?: number };
}

/** `page, stacked by site: 5.1 ms median, 9.8 ms worst of 60; aim ≤ 8 / 30: met`. */
export function lineOf({ what, values, unit = 'ms', aim }: Measured): string {
  const [middle, worst] = [median(values), Math.max(...values)];
  const said = `${what}: ${middle.toFixed(1)} ${unit} median, ${worst.toFixed(1)} ${unit} worst of ${values.length}`;
  if (aim === undefined) return said;
  const met = middle <= aim.median && worst <= (aim.worst ?? Number.POSITIVE_INFINITY);
  const wanted = aim.worst === undefined ? `${aim.median}` : `${aim.median} / ${aim.worst}`;
  return `${said}; aim ≤ ${wanted}: ${met ? 'met' : 'NOT met'}`;
}
