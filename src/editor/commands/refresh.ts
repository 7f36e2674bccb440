import type { Window } from '../window.js';

/** Looks for clusters now, as when a shared folder does not tell of changes. */
export async function refresh({ fleet }: Window): Promise<void> {
  await fleet.refresh();
}
