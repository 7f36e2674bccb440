import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keptOf } from '../../../src/base/child/kept.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import type { KernelSnapshot } from '../../../src/keeper/api.js';
import { Identities } from '../../../src/keeper/identities.js';
import { KernelClient } from '../../../src/keeper/kernelClient.js';
import { KernelHost } from '../../../src/keeper/kernelHost.js';
import { python, root } from '../cluster/clusterRig.js';

/** Long enough for a machine that is busy with something else, too. */
const patienceMs = 60_000;
const relay = { host: '127.0.0.1', port: 1, serverName: 'sitespan-relay' };

/** A real kernel with its host, as a keeper starts it, of a cluster that is not there. */
export class RealKernel {
  private constructor(
    readonly host: KernelHost,
    readonly client: KernelClient,
    private readonly folder: string,
  ) {}

  /** @param home a folder of the test's own */
  static async start(home: string): Promise<RealKernel> {
    const folder = join(home, 'kernels', 'k1');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const identities = new Identities(ClusterAuthority.create(), relay, 'me', 'ttbar-1a2b3c', 'ab'.repeat(32));
    const about = { id: 'k1', cwd: home, python, variables: {}, coffeaCasa: false };
    const host = new KernelHost(about, {
      folder,
      packageFolder: join(root, 'dist', 'python'),
      identity: identities.issue('client', 'kernel-k1'),
    });
    await host.start();
    const kernel = new RealKernel(host, await KernelClient.of(folder), folder);
    await kernel.when(({ phase }) => phase === 'idle');
    return kernel;
  }

  async when(wished: (snapshot: KernelSnapshot) => boolean): Promise<KernelSnapshot> {
    await until(
      async () => {
        await this.host.look();
        return wished(this.host.snapshot);
      },
      { timeoutMs: patienceMs, everyMs: 50, what: 'The kernel as wished' },
    );
    return this.host.snapshot;
  }

  /** Kills the host as a broken machine would: all of its group, at once. */
  async kill(): Promise<void> {
    const kept = await keptOf(this.folder);
    if (kept === undefined) throw new Error('the host was not started');
    process.kill(-kept.mark.pid, 'SIGKILL');
    await this.when(({ phase }) => phase === 'dead');
  }

  async end(): Promise<void> {
    this.client.dispose();
    await this.host.end('the test is over');
  }
}
