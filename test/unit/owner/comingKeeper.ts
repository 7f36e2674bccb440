import { access, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endKept } from '../../../src/base/child/kept.js';
import { Emitter } from '../../../src/base/events.js';
import { socketPath, stateFolder } from '../../../src/base/runtimePaths.js';
import { sleep, until } from '../../../src/base/waiting.js';
import { calls, type Verdict } from '../../../src/keeper/api.js';
import { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { KeeperServer, route } from '../../../src/keeper/server.js';
import { logLines } from '../keeper/logLines.js';
import { snapshotWith } from '../keeper/snapshots.js';

/** A program that stands for the keeper's: it only runs; who answers on the socket is the test. */
export const keeperProgram = 'setInterval(() => 0, 1000);';

/** Answers as the keeper of a cluster that is yet to be made, and has a verdict of each site that it is to probe. */
export class ComingKeeper {
  /** Requests of `probeSite`. */
  readonly probed: unknown[] = [];
  /** What it is asked for a verdict it takes for the journal; what it answers may be another one. */
  answer: (verdict: Verdict) => Promise<Verdict> = async (verdict) => verdict;
  private readonly changed = new Emitter(() => undefined);
  private server: KeeperServer | undefined;

  constructor(private readonly name: string) {}

  /** Ends when the cluster has been made, or the signal says so. */
  async serve(signal: AbortSignal): Promise<void> {
    const folder = new ClusterFolder(join(await stateFolder(), this.name));
    const isMade = (): Promise<boolean> =>
      access(folder.settings).then(
        () => true,
        () => false,
      );
    await until(isMade, { timeoutMs: 60_000, everyMs: 20, what: `The cluster ${this.name}`, signal });
    const snapshot = (): ReturnType<typeof snapshotWith> => snapshotWith({ name: this.name });
    const write = (...facts: readonly Fact[]): Promise<void> =>
      appendFile(folder.journal, facts.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const routes = [
      route(calls.clusterState, async () => snapshot()),
      route(calls.probeSite, async (request) => {
        this.probed.push(request);
        const { grid, site } = request;
        const ok = !site.includes('bad');
        const verdict = { ok, sentence: `${site} is ${ok ? 'good' : 'bad'}.`, at: Date.now() / 1000, facts: {} };
        await write({ is: 'probe', at: 1, grid, site, mark: site });
        const answered = await this.answer(verdict);
        if (answered === verdict) await write({ is: 'probed', at: 1, mark: site, verdict });
        // Who asks is answered first.
        else setTimeout(() => write({ is: 'probed', at: 1, mark: site, verdict }).catch(() => undefined), 100);
        return answered;
      }),
      route(calls.closeCluster, async () => {
        await write({ is: 'closing', at: 2, code: 'closed', why: 'its owner closed it' }, { is: 'closed', at: 2 });
        sleep(0)
          .then(() => endKept(folder.keeper, { graceMs: 0 }))
          .catch(() => undefined);
        return {};
      }),
    ];
    this.server = new KeeperServer({ routes, snapshot, onDidChange: this.changed.event }, logLines().log);
    await this.server.listen(await socketPath(folder.path));
  }

  dispose(): void {
    this.server?.dispose();
    this.changed.dispose();
  }
}
