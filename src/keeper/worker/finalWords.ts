/** Of a long sentence, the beginning and the end. */
const limit = 400;

/**
 * What a job said of its own end. One that never came to the cluster says it in a sentence of ours (`sitespan: …`), which may
 * not be its last line: a grid puts standard output and error one after the other, and its wrapper has words of its own.
 *
 * @param came whether it had enrolled: then its last line tells more than what it said while it started
 * @returns undefined where it said nothing
 */
export function finalWords(output: string, came: boolean): string | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  const ours = came ? undefined : lines.findLast((line) => line.startsWith('sitespan: ') && !isProgress(line));
  const last = ours?.slice('sitespan: '.length) ?? lines.findLast((line) => line !== '' && !(came && isChatter(line)));
  return last === undefined || last.length <= limit ? last : `${last.slice(0, limit / 2)}…${last.slice(-limit / 2)}`;
}

/** What only says that all is well, of ours and in Dask's log: the end came after it, without a word. */
function isChatter(line: string): boolean {
  return isProgress(line) || / - (?:INFO|DEBUG) - /.test(line);
}

/** What it says between two attempts; a job that was ended among them has said nothing else. */
function isProgress(line: string): boolean {
  return /^sitespan: (?:Enrolled as |.*; trying again\.$)/.test(line);
}
