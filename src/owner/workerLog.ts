import { sleep } from '../base/waiting.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';

export interface LogFollowing {
  /** Whether to wait for more while the worker runs; without it, what there is now. */
  readonly follow: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Between two looks; a grid whose answers are dear is asked less often. */
  readonly everyMs?: number;
}

/** So much of what was given is named when more is asked for. */
const rememberedCharacters = 400;

/**
 * What a worker's job has written, piece by piece; to its end where it is followed. Some grids give nothing before that.
 *
 * @throws SitespanError `worker-unknown`, `worker-not-submitted`, the grid's; the signal's reason
 */
export async function* workerLog(
  client: KeeperClient,
  worker: string,
  following: LogFollowing,
): AsyncGenerator<string> {
  let offset = 0;
  let seen = '';
  for (;;) {
    const more = await client.call(calls.workerLog, { worker, offset, seen }, following.signal);
    if (more.text !== '') yield more.text;
    if (more.final || !following.follow) return;
    offset = more.offset;
    seen = (seen + more.text).slice(-rememberedCharacters);
    await sleep(following.everyMs ?? 1000, following.signal);
  }
}
