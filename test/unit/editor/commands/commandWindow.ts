import { join } from 'node:path';
import { AddedGrids, listHere } from '../../../../src/editor/addedGrids.js';
import { registerCommands } from '../../../../src/editor/commands/register.js';
import { Fleet } from '../../../../src/editor/fleet.js';
import { clustersHere } from '../../../../src/editor/fleetSource.js';
import { GridBoard, gridsHere } from '../../../../src/editor/gridBoard.js';
import { Notebooks } from '../../../../src/editor/notebooks/notebooks.js';
import { proxiesHere } from '../../../../src/editor/proxy/proxySource.js';
import { ProxyWatch } from '../../../../src/editor/proxy/proxyWatch.js';
import type { Window } from '../../../../src/editor/window.js';
import type { CommandId } from '../../../../src/ids.js';
import { type Asked, commands, newScreen, parts, type Screen } from '../../../rigs/window/vscode.mjs';

/** A window with our commands and nothing else, on a screen that the test answers. */
export class CommandWindow {
  readonly screen: Screen = newScreen();
  readonly fleet: Fleet;
  private readonly notebooks: Notebooks;
  private readonly addedGrids: AddedGrids;
  private readonly proxies: ProxyWatch;
  private readonly grids: GridBoard;
  private readonly parts: ReturnType<typeof parts>;
  /** What its parts share. */
  readonly shared: Window;
  private readonly registered: { dispose(): void };

  /** @param folder has `bundle`, the extension's `dist` */
  constructor(folder: string, platform: NodeJS.Platform = process.platform) {
    this.parts = parts(folder);
    const { context, log } = this.parts;
    const onError = (error: unknown): void => log.error(String(error));
    this.fleet = new Fleet(clustersHere(onError), onError);
    const shared = { context, log, fleet: this.fleet };
    this.notebooks = new Notebooks(shared);
    // The page needs a webview: it is tried in a real VS Code.
    const throughput = { show: async (): Promise<void> => undefined };
    this.addedGrids = new AddedGrids(listHere, onError);
    this.proxies = new ProxyWatch(this.fleet, this.addedGrids, proxiesHere(onError), onError);
    this.grids = new GridBoard(gridsHere, onError);
    const { notebooks, grids, addedGrids, proxies } = this;
    this.shared = { ...shared, throughput, notebooks, grids, addedGrids, proxies, bundle: join(folder, 'bundle') };
    this.registered = registerCommands(this.shared, platform);
  }

  /** Errors, as they were logged. */
  get logged(): readonly string[] {
    return this.parts.logged;
  }

  /** The notices that were shown: errors, warnings and messages that ask nothing. */
  get notices(): readonly string[] {
    return this.screen.said.filter(({ modal, kind }) => !modal && kind !== 'status').map(({ text }) => text);
  }

  async run(id: CommandId, argument?: unknown, answer?: (question: Asked) => unknown): Promise<void> {
    this.screen.answer = answer ?? this.screen.answer;
    await commands.executeCommand(id, argument);
  }

  dispose(): void {
    this.registered.dispose();
    this.notebooks.dispose();
    this.proxies.dispose();
    this.addedGrids.dispose();
    this.grids.dispose();
    this.fleet.dispose();
  }
}

/** Takes what stands there; leaves what cannot be taken so. Agrees to what is asked for a second time. */
export function agreeable({ kind, problem, labels }: Asked): unknown {
  if (problem !== undefined && problem !== '') return undefined;
  if (kind === 'modal') return labels[0];
  if (kind === 'message' || kind === 'dialog') return undefined;
  // What is asked last before something is started.
  return labels.some((label) => label.startsWith('$(rocket)')) ? undefined : 'accept';
}
