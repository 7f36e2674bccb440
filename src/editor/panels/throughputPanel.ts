import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { commands } from '../../ids.js';
import { type PageMessage, pageMessage, type ShownThing } from '../protocol.js';
import { showError } from '../showError.js';
import type { Window } from '../window.js';
import { FleetSources } from './fleetSources.js';
import { pageHtml } from './pageHtml.js';
import { savePicture, saveRun } from './saveRun.js';
import { ThroughputFeed } from './throughputFeed.js';

/** The throughput page in its tab: what it shows comes from the feed, and only while it can be seen. */
export class ThroughputPanel implements Disposable {
  private readonly feed: ThroughputFeed;
  private readonly held: vscode.Disposable[];

  /** @param panel empty, or one that VS Code brings back */
  constructor(
    private readonly window: Window,
    private readonly panel: vscode.WebviewPanel,
    what: ShownThing | null,
  ) {
    const { log, fleet, bundle } = window;
    const { webview } = panel;
    this.feed = new ThroughputFeed({
      sources: new FleetSources(fleet),
      send: (snapshot) => {
        webview.postMessage(snapshot).then(undefined, (error: unknown) => log.error(String(error)));
      },
      work: { command: commands.runNotebook, label: 'Run Notebook on Cluster' },
      log: { command: commands.showLog, label: 'Show Log' },
      onError: (error) => log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    });
    this.held = [
      webview.onDidReceiveMessage((raw: unknown) => this.take(raw)),
      panel.onDidChangeViewState(() => {
        this.feed.visible = panel.visible;
      }),
    ];
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.file(bundle)] };
    this.show(what);
    webview.html = pageHtml(webview, bundle, 'throughput', 'Throughput');
  }

  show(what: ShownThing | null): void {
    this.feed.show({ ...this.feed.wish, what });
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.feed.dispose();
    for (const one of this.held) one.dispose();
  }

  private take(raw: unknown): void {
    const message = pageMessage.safeParse(raw);
    if (!message.success) {
      this.window.log.error(`The throughput page said what it cannot say: ${message.error.message}`);
      return;
    }
    this.act(message.data).catch((error: unknown) => showError(error, this.window.log));
  }

  private async act(message: PageMessage): Promise<void> {
    const { feed, window } = this;
    const what = feed.snapshot?.what ?? null;
    switch (message.type) {
      case 'ready':
        // What a command has asked for while the page was away is newer than what the page has kept.
        if (feed.wish.what === null) feed.show(message.kept);
        feed.visible = this.panel.visible;
        feed.resend();
        return;
      case 'wish':
        feed.show({ ...message.wish, what: message.wish.what ?? feed.wish.what });
        return;
      case 'act':
        return this.doAction();
      case 'openDashboard':
        await vscode.commands.executeCommand(
          commands.openDashboard,
          what?.kind === 'cluster' ? { kind: 'cluster', cluster: what.name } : undefined,
        );
        return;
      case 'saveNumbers':
        if (what !== null) await saveRun(window, what, feed.wish.by);
        return;
      case 'savePicture':
        await savePicture(what, message.png);
        return;
      case 'failure':
        window.log.error(`The throughput page failed: ${message.text}`);
    }
  }

  private async doAction(): Promise<void> {
    const { feed } = this;
    const { action } = feed;
    if (action === undefined) return;
    if ('show' in action) feed.show({ ...feed.wish, what: action.show });
    else await vscode.commands.executeCommand(action.command, ...(action.arguments ?? []));
  }
}
