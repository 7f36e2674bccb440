import { type CommandId, commands } from '../../ids.js';
import type { Window } from '../window.js';

/**
 * What a command does; `argument` is the row or document it was called on, undefined from the palette. It asks for what it
 * was not given, does nothing when cancelled, and lets errors through.
 */
export type Handler = (window: Window, argument: unknown, signal: AbortSignal) => Promise<void>;

interface Entry {
  /** Loaded when it is first called. */
  readonly load: () => Promise<Handler>;
  /** Said while it works, for what may take over a second; it can then be cancelled. */
  readonly progress?: string;
}

/** Every command's handler; a file a command. */
export const handlers: Readonly<Partial<Record<CommandId, Entry>>> = {
  [commands.showLog]: { load: async () => (await import('./showLog.js')).showLog },
  [commands.refresh]: { load: async () => (await import('./refresh.js')).refresh },
};
