import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { privateFolder } from '../base/privateFolder.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { nodeEnvironment, pythonEnvironment } from '../environment/childEnvironment.js';
import { Identities } from '../keeper/identities.js';
import type { Role } from '../relay/credential.js';
import { Child } from './child.js';

const tenant = 'me';
const serverName = 'sitespan-relay';
const host = '127.0.0.1';
const startMs = 20_000;

/** What every benchmark is told. */
export interface BenchOptions {
  /** Interpreter of all that is Python. */
  readonly python: string;
  /** Folder of our bundle: `cli.mjs`, and `python/` with the package. */
  readonly bundle: string;
  readonly signal: AbortSignal;
}

/** A relay in a process of its own. */
export interface BenchRelay {
  readonly pid: number;
  readonly port: number;
}

/** What a benchmark stands on: a private folder, a CA, relays and identities. All of it is gone after `end`. */
export class BenchRig {
  private readonly authority = ClusterAuthority.create();
  private readonly userKey = randomBytes(32).toString('hex');
  private readonly children = new DisposableStore();

  private constructor(
    private readonly options: BenchOptions,
    private readonly folder: string,
  ) {}

  /** Runs `work` on a rig, which ends with it. */
  static async use<T>(options: BenchOptions, work: (rig: BenchRig) => Promise<T>): Promise<T> {
    const rig = new BenchRig(options, await mkdtemp(join(tmpdir(), 'sitespan-bench-')));
    try {
      return await work(rig);
    } finally {
      rig.children.dispose();
      await rm(rig.folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** Holds something until the end of the rig. */
  hold<T extends Disposable>(item: T): T {
    return this.children.add(item);
  }

  async startRelay(name: string): Promise<BenchRelay> {
    const folder = await privateFolder(join(this.folder, name));
    const { cert, key } = this.authority.issue('relay', 'relay', 0, [serverName]);
    await writeAtomically(join(folder, 'tenants.json'), JSON.stringify({ tenants: { [tenant]: this.userKey } }));
    await writeAtomically(join(folder, 'cert.pem'), cert);
    await writeAtomically(join(folder, 'key.pem'), key);
    const files = ['--tenants', 'tenants.json', '--cert', 'cert.pem', '--key', 'key.pem'];
    const relay = this.hold(
      new Child({
        what: 'The relay',
        command: process.execPath,
        args: [join(this.options.bundle, 'cli.mjs'), 'relay', '--listen', `${host}:0`, ...files],
        cwd: folder,
        env: nodeEnvironment(),
      }),
    );
    const line = await relay.line(startMs, this.options.signal);
    const port = /^sitespan relay listening on .*:(\d+)$/.exec(line)?.[1];
    if (port === undefined) throw new SitespanError('bench-child', `The relay on this computer said: ${line}`);
    return { pid: relay.pid, port: Number(port) };
  }

  /**
   * Writes identities for the processes of one cluster.
   *
   * @param port where they find the relay
   * @returns the folder with `<subject>.json` in it
   */
  async writeIdentities(cluster: string, port: number, who: readonly (readonly [Exclude<Role, 'joiner'>, string])[]) {
    const folder = await privateFolder(join(this.folder, cluster));
    const relay = { host, port, serverName, ca: this.authority.pem.cert };
    const identities = new Identities(this.authority, relay, tenant, cluster, this.userKey);
    for (const [role, subject] of who) {
      await writeAtomically(join(folder, `${subject}.json`), JSON.stringify(identities.issue(role, subject)));
    }
    return folder;
  }

  /** Starts `python -m <module>` as the owner of `identity`, with our package. */
  startPython(
    what: string,
    args: readonly string[],
    identity: string,
    more: Readonly<Record<string, string>> = {},
  ): Child {
    const { python, bundle } = this.options;
    const env = pythonEnvironment(join(bundle, 'python'), {
      ...more,
      SITESPAN_IDENTITY: identity,
      PYTHONUNBUFFERED: '1',
    });
    return this.hold(new Child({ what, command: python, args: ['-m', ...args], cwd: this.folder, env }));
  }
}
