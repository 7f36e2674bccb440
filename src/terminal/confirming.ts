import { SitespanError } from '../base/errors.js';
import { ask, canAsk } from './asking.js';

/**
 * How a command gets a person's assent: `--yes` gives it, a terminal is asked, and where there is neither it is refused.
 *
 * @returns what asks; it throws SitespanError `confirmation-needed` where nobody can be asked
 */
export function confirming(yes: boolean, signal: AbortSignal): (question: string) => Promise<boolean> {
  return async (question) => {
    if (yes) return true;
    if (!canAsk()) throw new SitespanError('confirmation-needed', `${question} Say so with --yes.`);
    return /^y(es)?$/i.test((await ask(`${question} Go on? [y/N] `, false, signal)).trim());
  };
}
