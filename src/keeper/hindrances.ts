import { SitespanError } from '../base/errors.js';
import { storageTrouble } from '../base/storageTrouble.js';
import type { ListenerState } from '../relay/listener.js';
import type { Problem } from './api.js';
import { RelayWatch } from './relayWatch.js';

/** What hinders a cluster now, and may pass: its relay is away or its port is taken, its grid does not answer, its disk is full. */
export class Hindrances {
  private readonly relay = new RelayWatch();
  private trouble: Problem | undefined;

  get problems(): Problem[] {
    return [this.trouble, this.relay.problem].flatMap((one) => one ?? []);
  }

  /**
   * How the newest round of work went.
   *
   * @param error undefined where all went well
   * @returns whether that is other than before
   */
  take(error: unknown): boolean {
    const trouble = error === undefined ? undefined : problemOf(error);
    const isOther = trouble?.message !== this.trouble?.message;
    this.trouble = trouble;
    return isOther;
  }

  /** @returns whether there is another problem than before */
  lookAtRelay(state: ListenerState, now: number): boolean {
    return this.relay.look(state, now);
  }
}

/** Of whatever was thrown. */
export function problemOf(raw: unknown): Problem {
  const error = storageTrouble(raw, 'The cluster is held up') ?? raw;
  if (SitespanError.is(error)) return { code: error.code, message: error.message };
  return { code: 'internal', message: `The keeper on this computer failed: ${String(error)}` };
}
