import type { Window } from '../window.js';

/** Looks for clusters and grids now, as when a shared folder does not tell of changes. */
export async function refresh({ fleet, grids }: Window): Promise<void> {
  await Promise.all([fleet.refresh(), grids.refresh()]);
}
