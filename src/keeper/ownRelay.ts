import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptKept, endKept, exitOf, startKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { privateFolder } from '../base/privateFolder.js';
import { unlessAbsent } from '../base/systemError.js';
import { until } from '../base/waiting.js';
import { writeAtomically } from '../base/writeAtomically.js';
import type { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { nodeEnvironment } from '../environment/childEnvironment.js';
import type { RelayAddress } from '../relay/identity.js';

/** The name that a relay of ours goes by in its certificate; its address may be any. */
const serverName = 'sitespan-relay';
const startSeconds = 20;
const logLimitBytes = 5_000_000;
const endGraceMs = 3000;

export interface OwnRelayOptions {
  /** The kept child's folder. */
  readonly folder: string;
  /** Our bundle. */
  readonly program: string;
  readonly host: string;
  readonly tenant: string;
  /** Hex of 32 bytes. */
  readonly userKey: string;
  readonly authority: ClusterAuthority;
}

/**
 * A relay of this cluster's own, in its own process. It goes on without the keeper; when it dies, the keeper starts it
 * again on the same port, and everyone who had dialled it dials again.
 */
export class OwnRelay {
  private port = 0;
  private starts = 0;

  constructor(private readonly options: OwnRelayOptions) {}

  /** How often it had to be started again. */
  get restarts(): number {
    return Math.max(0, this.starts - 1);
  }

  /**
   * Starts it, or adopts the one that runs.
   *
   * @param port where it listened before; 0 for any
   * @throws SitespanError `relay-start-failed`
   */
  async start(port: number): Promise<RelayAddress> {
    // One whose port nobody noted is of a keeper that was killed while it started; nobody has dialled it yet.
    if (port === 0) await endKept(this.options.folder, { graceMs: endGraceMs });
    if ((await adoptKept(this.options.folder)) === undefined) await this.launch(port);
    else this.port = port;
    const { host, authority } = this.options;
    return { host, port: this.port, serverName, ca: authority.pem.cert };
  }

  /** Starts it again if it has ended. @returns whether it had */
  async mend(): Promise<boolean> {
    if ((await exitOf(this.options.folder)) === undefined) return false;
    await this.launch(this.port);
    return true;
  }

  private async launch(port: number): Promise<void> {
    const { folder, program, host, tenant, userKey, authority } = this.options;
    await privateFolder(folder);
    const { cert, key } = authority.issue('relay', 'relay', 0, [serverName]);
    const [tenants, certFile, keyFile] = [
      join(folder, 'tenants.json'),
      join(folder, 'cert.pem'),
      join(folder, 'key.pem'),
    ];
    await writeAtomically(tenants, JSON.stringify({ tenants: { [tenant]: userKey } }));
    await writeAtomically(certFile, cert);
    await writeAtomically(keyFile, key);
    // The log is appended to; only what comes after this line is of this start.
    const already = (await this.log()).length;
    await startKept({
      folder,
      command: process.execPath,
      args: [
        program,
        'relay',
        '--listen',
        `${host}:${port}`,
        '--tenants',
        tenants,
        '--cert',
        certFile,
        '--key',
        keyFile,
      ],
      env: nodeEnvironment(),
      cwd: folder,
      logLimitBytes,
    });
    this.starts++;
    await until(
      async () => {
        const listening = /^sitespan relay listening on .*:(\d+)$/m.exec((await this.log()).slice(already));
        if (listening?.[1] !== undefined) this.port = Number(listening[1]);
        else if ((await exitOf(folder)) !== undefined) throw await this.startFailed(already);
        return listening !== null;
      },
      { timeoutMs: startSeconds * 1000, what: "The relay's start on this computer" },
    );
  }

  private async startFailed(already: number): Promise<SitespanError> {
    const said = (await this.log()).slice(already).trim().split('\n').at(-1) ?? '';
    return new SitespanError(
      'relay-start-failed',
      `The relay did not start on ${this.options.host} of this computer: ${said || 'it said nothing'}; its log is ${join(this.options.folder, 'log')}.`,
    );
  }

  private async log(): Promise<string> {
    return (await unlessAbsent(readFile(join(this.options.folder, 'log'), 'utf8'))) ?? '';
  }
}

/** A user key for a relay of one's own: hex of 32 random bytes. */
export function newUserKey(): string {
  return randomBytes(32).toString('hex');
}
