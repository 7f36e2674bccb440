import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Jupyter,
  JupyterServer,
  JupyterServerCollection,
  JupyterServerCommandProvider,
  JupyterServerProvider,
} from '@vscode/jupyter-extension';
import * as vscode from 'vscode';

/** What the double has seen, in files of the folder that `JUPYTER_DOUBLE` names: `servers.json` and `chosen.json`. */
function note(name: string, content: unknown): void {
  const path = join(process.env['JUPYTER_DOUBLE'] ?? '', name);
  writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** A collection, asked for its servers when it is made and when it says that they are others, as the API promises. */
class Collection implements JupyterServerCollection {
  commandProvider?: JupyterServerCommandProvider;
  private servers: readonly JupyterServer[] = [];

  constructor(
    readonly id: string,
    public label: string,
    private readonly provider: JupyterServerProvider,
  ) {
    provider.onDidChangeServers?.(() => void this.ask());
    void this.ask();
  }

  dispose(): void {
    note('servers.json', { id: this.id, label: this.label, servers: [] });
  }

  async choose(): Promise<void> {
    const token = new vscode.CancellationTokenSource().token;
    const offered = (await this.commandProvider?.provideCommands('', token)) ?? [];
    const rows = [
      ...this.servers.map((server) => ({ label: server.label, choose: async () => server })),
      ...offered.map((command) => ({
        label: command.label,
        choose: async () => (await this.commandProvider?.handleCommand(command, token)) ?? undefined,
      })),
    ];
    const server = await (await vscode.window.showQuickPick(rows, { title: this.label }))?.choose();
    if (server === undefined) return;
    try {
      const { connectionInformation } = (await this.provider.resolveJupyterServer(server, token)) ?? server;
      const url = connectionInformation?.baseUrl.toString(true);
      note('chosen.json', { id: server.id, url, token: connectionInformation?.token });
    } catch (error) {
      note('chosen.json', { id: server.id, error: String(error) });
    }
  }

  private async ask(): Promise<void> {
    this.servers = (await this.provider.provideJupyterServers(new vscode.CancellationTokenSource().token)) ?? [];
    const servers = this.servers.map(({ id, label }) => ({ id, label }));
    note('servers.json', { id: this.id, label: this.label, servers });
  }
}

export function activate(context: vscode.ExtensionContext): Jupyter {
  const collections: Collection[] = [];
  context.subscriptions.push(
    vscode.commands.registerCommand('jupyter.chooseServer', async () => {
      for (const collection of collections) await collection.choose();
    }),
  );
  return {
    kernels: { getKernel: async () => undefined },
    createJupyterServerCollection(id, label, provider) {
      const collection = new Collection(id, label, provider);
      collections.push(collection);
      return collection;
    },
  };
}
