import { addAbortSignal } from 'node:stream';
import { SitespanError } from '../base/errors.js';
import { ask, canAsk, endOfInput } from './asking.js';

/**
 * How a command gets a passphrase: a terminal is asked, which does not show it; else the first line of stdin, where that
 * was wanted. It is never an argument or a variable, which others on the computer, or whoever is sent a log, could read.
 *
 * @returns what asks for the passphrase of a file; it throws SitespanError `passphrase-needed` where nobody can be asked
 */
export function passphraseFrom(stdin: boolean, signal: AbortSignal): (file: string) => Promise<string> {
  return async (file) => {
    if (stdin && !process.stdin.isTTY) return firstLine(signal);
    if (!canAsk()) {
      throw new SitespanError(
        'passphrase-needed',
        `${file} is protected, and there is no terminal to ask for its passphrase; write it to stdin, and say so with --passphrase-stdin.`,
      );
    }
    const typed = await ask(`Passphrase of ${file}: `, true, signal);
    if (typed === endOfInput) throw new SitespanError('stopped', 'No passphrase was given.');
    return typed;
  };
}

async function firstLine(signal: AbortSignal): Promise<string> {
  let text = '';
  try {
    for await (const piece of addAbortSignal(signal, process.stdin.setEncoding('utf8'))) {
      text += String(piece);
      if (text.includes('\n')) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
