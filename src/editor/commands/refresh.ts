import type { Window } from '../window.js';

/** Looks for clusters, grids and proxies now, as when a shared folder does not tell of changes. */
export async function refresh({ fleet, grids, proxies }: Window): Promise<void> {
  await Promise.all([fleet.refresh(), grids.refresh(), proxies.refresh()]);
}
