/**
 * What a process said last, for a sentence about its end. Where that is a sentence of ours about something that said more
 * just before it (a set-up script, an interpreter), that comes along.
 */
export function lastWords(log: string, limit = 300): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = lines.at(-1);
  if (last === undefined) return 'it said nothing';
  const ours = /^sitespan: (.*?)\.?$/.exec(last)?.[1];
  if (ours === undefined) return last.slice(-limit);
  const before = lines.at(-2);
  return before === undefined || before.startsWith('sitespan: ') ? ours : `${ours} (it said: ${before.slice(-limit)})`;
}
