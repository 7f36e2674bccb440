import type {
  JupyterServer,
  JupyterServerCommand,
  JupyterServerCommandProvider,
  JupyterServerProvider,
} from '@vscode/jupyter-extension';
import * as vscode from 'vscode';
import { commands } from '../../ids.js';
import { calls } from '../../keeper/api.js';
import type { Fleet } from '../fleet.js';
import { showError } from '../showError.js';

/** What these kernels are good for, and what ours are better for: the picker shows a server's label and nothing else of it. */
const goodFor = 'variables, widgets, debugger; output while away may be lost';

const newCluster: JupyterServerCommand = { label: 'New Cluster…', description: 'Sitespan' };

interface Offered extends JupyterServer {
  readonly cluster: string;
}

/**
 * The clusters as servers of Microsoft's Jupyter extension (docs/jupyter.md). A server is known by its cluster's id, so that a
 * notebook finds it again after a reload, and one of the same name made later is another; it is started when it is chosen.
 */
export class ClusterServers implements JupyterServerProvider, JupyterServerCommandProvider, vscode.Disposable {
  readonly onDidChangeServers: vscode.Event<void>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly heard: { dispose(): void };
  private said: string;

  constructor(
    private readonly fleet: Fleet,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.onDidChangeServers = this.changed.event;
    this.said = this.summary;
    this.heard = fleet.onDidChange(() => this.tell());
  }

  async provideJupyterServers(): Promise<JupyterServer[]> {
    return this.offers();
  }

  /** Starts the cluster's server where it does not run. What hinders that is said here, too: in words of ours, once. */
  async resolveJupyterServer(server: JupyterServer): Promise<JupyterServer> {
    const found = (await this.offers()).find(({ id }) => id === server.id);
    // It is said by the other extension that it is not there.
    if (found === undefined) return server;
    try {
      const client = await this.fleet.client(found.cluster);
      const { url, token } = await client.call(calls.startJupyter, {});
      return { ...server, connectionInformation: { baseUrl: vscode.Uri.parse(url), token } };
    } catch (error) {
      // Not awaited: it lasts as long as the sentence stays.
      showError(error, this.log).catch((failure: unknown) => this.log.error(String(failure)));
      throw error;
    }
  }

  provideCommands(): JupyterServerCommand[] {
    return [newCluster];
  }

  /** @returns undefined, back to the picker, where none was made */
  async handleCommand(): Promise<JupyterServer | undefined> {
    const before = new Set((await this.offers()).map(({ id }) => id));
    await vscode.commands.executeCommand(commands.newCluster);
    return (await this.offers()).find(({ id }) => !before.has(id));
  }

  dispose(): void {
    this.heard.dispose();
    this.changed.dispose();
  }

  /** Those whose keeper answers; it is waited for, since a server that is missing after a reload counts as removed. */
  private async offers(): Promise<Offered[]> {
    await this.fleet.refresh();
    const offers = this.fleet.clusters.map(async ({ name, snapshot }): Promise<Offered | undefined> => {
      try {
        const { id, phase } = snapshot ?? (await (await this.fleet.client(name)).call(calls.clusterState, {}));
        const ends = phase === 'closing' || phase === 'failed';
        return ends ? undefined : { id, label: `${name}: ${goodFor}`, cluster: name };
      } catch (error) {
        this.log.warn(`${name} is not offered as a Jupyter server: ${String(error)}`);
        return undefined;
      }
    });
    return (await Promise.all(offers)).filter((offer) => offer !== undefined);
  }

  /** All that others are told of: which there are, and whether a server is another than before. */
  private get summary(): string {
    return JSON.stringify(
      this.fleet.clusters.map(({ link, snapshot }) => [link, snapshot?.id, snapshot?.phase, snapshot?.jupyter?.port]),
    );
  }

  private tell(): void {
    const { summary } = this;
    if (summary === this.said) return;
    this.said = summary;
    this.changed.fire();
  }
}
