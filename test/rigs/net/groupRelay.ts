import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import type { RelayAddress } from '../../../src/relay/identity.js';
import { root } from '../cluster/clusterRig.js';

const name = 'relay.example';

/** `sitespan relay` as a group runs it on a host that sites can reach, for one physicist: `me`. */
export class GroupRelay {
  private constructor(
    private readonly child: ChildProcess,
    /** What `up` is told of it: where it is, and the files with the shared key and with its certificate. */
    readonly address: RelayAddress & { readonly ca: string },
    readonly keyFile: string,
    readonly caFile: string,
    readonly userKey: string,
  ) {}

  /** @param folder where its files and the physicist's are to lie */
  static async start(host: string, folder: string): Promise<GroupRelay> {
    const own = join(folder, 'relay');
    await mkdir(own, { recursive: true, mode: 0o700 });
    const authority = ClusterAuthority.create();
    const { cert, key } = authority.issue('relay', 'relay', 0, [name]);
    const userKey = randomBytes(32).toString('hex');
    const write = async (path: string, text: string): Promise<string> => {
      await writeFile(path, text, { mode: 0o600 });
      return path;
    };
    const files = ['--tenants', await write(join(own, 'tenants.json'), JSON.stringify({ tenants: { me: userKey } }))];
    files.push('--cert', await write(join(own, 'relay.pem'), cert), '--key', await write(join(own, 'key.pem'), key));
    const child = spawn(process.execPath, [join(root, 'dist', 'cli.mjs'), 'relay', ...files, '--listen', `${host}:0`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => /listening on \S+:\d+\n/.test(said), { timeoutMs: 60_000, what: 'The relay of the group' });
    const port = Number(/:(\d+)\n/.exec(said)?.[1]);
    const ca = authority.pem.cert;
    const given = [
      await write(join(folder, 'user.key'), `${userKey}\n`),
      await write(join(folder, 'ca.pem'), ca),
    ] as const;
    return new GroupRelay(child, { host, port, serverName: name, ca }, ...given, userKey);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}
