import { SitespanError } from '../base/errors.js';
import { storageTrouble } from '../base/storageTrouble.js';
import type { ListenerState } from '../relay/listener.js';
import type { Problem } from './api.js';
import { localGrid } from './clusterFolder.js';
import { RelayWatch } from './relayWatch.js';

/** What hinders a cluster now, and may pass: its relay is away or its port is taken, a grid does not answer, its disk is full. */
export class Hindrances {
  private readonly relay = new RelayWatch();
  /** By grid; of this computer's, and of the cluster's own, under the local grid's name and none. */
  private readonly troubles = new Map<string, Problem>();

  get problems(): Problem[] {
    const all = [...this.troubles.values(), ...(this.relay.problem === undefined ? [] : [this.relay.problem])];
    const messages = all.map(({ message }) => message);
    return all.filter(({ message }, index) => messages.indexOf(message) === index);
  }

  /**
   * How the newest round of work went.
   *
   * @param error undefined where all went well
   * @param grid at which it was; none where it was the cluster's own
   * @returns whether that is other than before
   */
  take(error: unknown, grid = ''): boolean {
    const before = this.troubles.get(grid)?.message;
    if (error === undefined) this.troubles.delete(grid);
    else this.troubles.set(grid, grid === '' || grid === localGrid ? problemOf(error) : gridProblem(grid, error));
    return this.troubles.get(grid)?.message !== before;
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

/** Of what was thrown while a grid was asked; the disk of this computer may be full there as elsewhere. */
function gridProblem(grid: string, raw: unknown): Problem {
  const { code, message } = problemOf(raw);
  if (!SitespanError.is(raw)) return { code, message };
  return {
    code,
    message: `The grid ${grid} cannot be used now: ${message} Workers that run there go on; more are asked for, or let go, when it is over.`,
  };
}
