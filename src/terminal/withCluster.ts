import type { KeeperClient } from '../keeper/client.js';
import { openCluster } from '../owner/openCluster.js';

/**
 * Does something with a cluster's keeper, which is started where it is dead.
 *
 * @throws SitespanError as `openCluster`, and what `work` throws
 */
export async function withCluster<T>(
  name: string,
  signal: AbortSignal,
  work: (client: KeeperClient) => Promise<T>,
): Promise<T> {
  const client = await openCluster(name, { signal });
  try {
    return await work(client);
  } finally {
    client.dispose();
  }
}
