import { adoptKept, endKept } from '../../../src/base/child/kept.js';
import { sleep } from '../../../src/base/waiting.js';

/** A window that was disposed may just have been starting a keeper: it is ended, too. */
export async function endedForGood(keeper: string): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet++) {
    if ((await adoptKept(keeper)) !== undefined) quiet = 0;
    await endKept(keeper, { graceMs: 0 });
    await sleep(400);
  }
}
