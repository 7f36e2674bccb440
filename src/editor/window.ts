import type * as vscode from 'vscode';
import type { Fleet } from './fleet.js';
import type { ShownThing } from './protocol.js';

/** What the parts of a window share; made once, by `extension.ts`. */
export interface Window {
  readonly context: vscode.ExtensionContext;
  readonly fleet: Fleet;
  /** The throughput tab; without an argument as it is, or of whatever there is. */
  readonly throughput: { show(what?: ShownThing): Promise<void> };
  readonly log: vscode.LogOutputChannel;
  /** Folder with our bundles, the wheel and the unpacked package: what a cluster is born with. */
  readonly bundle: string;
}
