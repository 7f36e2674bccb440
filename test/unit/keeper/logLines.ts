import { Log } from '../../../src/base/log.js';
import { Redactor } from '../../../src/base/redactor.js';

/** A log, and the lines that were written to it. */
export function logLines(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const redactor = new Redactor({ home: '', user: '' });
  return { log: new Log((line) => lines.push(line), redactor, { scope: 'test', level: 'debug' }), lines };
}
