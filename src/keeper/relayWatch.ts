import type { ListenerState } from '../relay/listener.js';
import type { Problem } from './api.js';

/** One that comes back within it, as the cluster's own does when it is started again, is no news. */
const graceSeconds = 5;

/** Whether a cluster's relay is there, as its problem: without it no worker can come, and none can be reached. */
export class RelayWatch {
  private since: number | undefined;
  private said: Problem | undefined;

  get problem(): Problem | undefined {
    return this.said;
  }

  /**
   * @param state of the keeper's own connection to it
   * @param now Unix seconds
   * @returns whether there is another problem than before
   */
  look(state: ListenerState, now: number): boolean {
    const before = this.said?.message;
    if (state.phase === 'registered') this.since = this.said = undefined;
    else {
      this.since ??= now;
      const lasts = state.phase === 'ended' || now - this.since >= graceSeconds;
      if (lasts && state.problem !== undefined) this.said = problemOf(state.problem);
    }
    return this.said?.message !== before;
  }
}

/** Refusals of the relay and deadlines have codes that mean something else elsewhere. */
function problemOf({ code, message }: { readonly code: string; readonly message: string }): Problem {
  return { code: code.startsWith('relay-') ? code : 'relay-lost', message };
}
