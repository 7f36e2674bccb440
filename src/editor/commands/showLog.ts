import type { Window } from '../window.js';

/** The window's own log. */
export async function showLog({ log }: Window): Promise<void> {
  log.show();
}
