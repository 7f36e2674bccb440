import * as vscode from 'vscode';
import { panels } from '../../ids.js';
import type { ShownThing } from '../protocol.js';
import type { Window } from '../window.js';
import type { ThroughputPanel } from './throughputPanel.js';

/** The window's throughput tab: one, opened when it is wished, and brought back after a reload. */
export class ThroughputPanels implements vscode.Disposable {
  private shown: ThroughputPanel | undefined;
  private readonly serializer: vscode.Disposable;

  constructor(private readonly window: () => Window) {
    this.serializer = vscode.window.registerWebviewPanelSerializer(panels.throughput, {
      // What was shown, the page itself knows and says.
      deserializeWebviewPanel: (panel) => this.fill(panel, null),
    });
  }

  /** @param what this, or what was shown, or whatever there is */
  async show(what?: ShownThing): Promise<void> {
    if (this.shown !== undefined) {
      if (what !== undefined) this.shown.show(what);
      this.shown.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(panels.throughput, 'Throughput', vscode.ViewColumn.Beside);
    await this.fill(panel, what ?? null);
  }

  dispose(): void {
    this.serializer.dispose();
    this.shown?.dispose();
  }

  private async fill(panel: vscode.WebviewPanel, what: ShownThing | null): Promise<void> {
    const { ThroughputPanel } = await import('./throughputPanel.js');
    const shown = new ThroughputPanel(this.window(), panel, what);
    this.shown?.dispose();
    this.shown = shown;
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.shown === shown) this.shown = undefined;
    });
  }
}
