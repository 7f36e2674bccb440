import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** What Jupyter's own console sends for Ctrl-D: the cell's `input()` raises EOFError. */
export const endOfInput = '\x04';

/** Whether a person can be asked here: both ways lead to a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Asks on the terminal; a password without showing it. Ctrl-C goes to the program as it does when nothing is asked.
 *
 * @returns what was typed; what stands for the end of input after Ctrl-D
 * @throws the signal's reason
 */
export async function ask(prompt: string, isPassword: boolean, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  let muted = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) process.stdout.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  try {
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve(endOfInput)));
    const answered = lines.question(prompt, { signal });
    muted = isPassword;
    return await Promise.race([answered, closed]);
  } finally {
    lines.close();
    if (muted) process.stdout.write('\n');
  }
}
