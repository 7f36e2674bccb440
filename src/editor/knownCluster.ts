import type { SitespanError } from '../base/errors.js';
import type { ClusterSnapshot } from '../keeper/api.js';
import type { ClusterLink } from './fleetSource.js';

/** One cluster as this window knows it. */
export interface ClusterView {
  readonly name: string;
  readonly folder: string;
  /**
   * `lost`: its keeper has gone, and another is being started. `closed`: it ended while this window knew it, and somebody
   * still shows it (`retain`), or it failed and that is to be read.
   */
  readonly link: 'connecting' | 'connected' | 'lost' | 'failed' | 'closed';
  /** The newest; it stays when the keeper is gone. */
  readonly snapshot: ClusterSnapshot | undefined;
  /** Why its keeper cannot be reached or understood, or why the cluster failed. */
  readonly trouble: SitespanError | undefined;
}

/** What a fleet holds of it. */
export interface KnownCluster<Link> {
  readonly name: string;
  readonly folder: string;
  link: 'connecting' | 'connected' | 'failed' | 'closed';
  client: Link | undefined;
  connecting: Promise<Link> | undefined;
  trouble: SitespanError | undefined;
  /** Of a closed one. */
  last: ClusterSnapshot | undefined;
}

/** As faces are shown it. */
export function viewOf<Link extends ClusterLink>(known: KnownCluster<Link>): ClusterView {
  const { name, folder, link, client, trouble, last } = known;
  const lost = link === 'connected' && client?.isAway === true;
  return {
    ...{ name, folder, link: lost ? 'lost' : link },
    snapshot: client?.snapshot ?? last,
    trouble: trouble ?? client?.trouble,
  };
}

/** Whether its end is to be looked out for: nobody tells of that. */
export function isEnding<Link extends ClusterLink>({ client, link }: KnownCluster<Link>): boolean {
  if (link !== 'connected' || client === undefined) return false;
  const phase = client.snapshot?.phase;
  return client.isAway || phase === 'closing' || phase === 'failed';
}
