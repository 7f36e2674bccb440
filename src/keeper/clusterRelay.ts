import type { ClusterAuthority } from '../credentials/clusterAuthority.js';
import type { RelayAddress } from '../relay/identity.js';
import type { ClusterFolder, ClusterSettings } from './clusterFolder.js';
import { OwnRelay } from './ownRelay.js';

/** The relay that a cluster's processes meet at: one of its own, which is kept, or one that others run. */
export class ClusterRelay {
  private own: OwnRelay | undefined;
  private address: RelayAddress | undefined;

  constructor(
    private readonly folder: ClusterFolder,
    private readonly settings: ClusterSettings,
  ) {}

  /** `host:port`; empty until it is known. */
  get text(): string {
    return this.address === undefined ? '' : `${this.address.host}:${this.address.port}`;
  }

  get restarts(): number {
    return this.own?.restarts ?? 0;
  }

  /**
   * Where it is; its own is started where it does not run.
   *
   * @param knownPort where its own was before: others know it there
   * @throws SitespanError `relay-start-failed`
   */
  async start(authority: ClusterAuthority, userKey: string, knownPort: number | undefined): Promise<RelayAddress> {
    const { folder, settings } = this;
    const { relay } = settings;
    if (relay.kind === 'other') {
      this.address = relay.address;
      return relay.address;
    }
    this.own = new OwnRelay({
      ...{ folder: folder.relay, program: folder.program, host: relay.host },
      ...{ tenant: settings.tenant, userKey, authority },
    });
    this.address = await this.own.start(knownPort ?? relay.port);
    return this.address;
  }

  /** Starts its own again if that has ended. @returns whether it had */
  async mend(): Promise<boolean> {
    return (await this.own?.mend()) ?? false;
  }
}
