import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { root } from '../cluster/clusterRig.js';
import { launchBrowser, newProfile } from './browser.js';
import { endProcessesOf } from './endProcesses.js';
import { pictures } from './pictures.js';
import { VsCodeServer } from './vsCodeServer.js';
import { VsCodeWindow } from './vsCodeWindow.js';
import { workbenchUrl } from './workbenchUrl.js';

/** What our extension shows as soon as VS Code knows it. */
const ours = '.activitybar .action-item a.action-label[aria-label^="Sitespan"]';

export interface VsCodeOptions {
  /** The folder or `.code-workspace` to open; an empty one of its own where none is named; null opens none. */
  readonly workspace?: string | null;
  /** The folder of the extension under development, the checkout unless told otherwise; null for VS Code alone. */
  readonly development?: string | null;
  /** Folders of other extensions, to be there beside it. VS Code in a browser takes one under development only. */
  readonly beside?: readonly string[];
  /** Where extensions were installed, to use them as a user does: no development, no driver; toasts are shown. */
  readonly installed?: string;
  /** Whose state and runtime folders the extension uses, e.g. a `Home`; else folders of its own, and nothing outlives it. */
  readonly home?: { readonly folder: string };
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Whether a workspace is trusted only when a person says so; else each is. */
  readonly asksForTrust?: boolean;
  /** A selector that is waited for before the window counts as open; our view container unless told otherwise. */
  readonly ready?: string;
  readonly size?: { readonly width: number; readonly height: number };
}

/** Starts a real VS Code with our extension and opens a window of it. Whoever opens it closes it. */
export async function openVsCode(options: VsCodeOptions = {}): Promise<VsCode> {
  const folder = await mkdtemp(join(tmpdir(), 'sitespan-vscode-'));
  const home = options.home?.folder ?? folder;
  const env = { ...options.env, XDG_STATE_HOME: join(home, 'state'), XDG_RUNTIME_DIR: join(home, 'run') };
  await mkdir(env.XDG_STATE_HOME, { recursive: true });
  await mkdir(env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
  const workspace = options.workspace === undefined ? join(folder, 'workspace') : options.workspace;
  if (workspace !== null && options.workspace === undefined) await mkdir(workspace);
  const started = new Closing();
  try {
    started.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    if (options.home === undefined) started.add(() => endProcessesOf(folder));
    const extensionsFolder = options.installed ?? join(folder, 'server', 'extensions');
    for (const path of options.beside ?? []) {
      await cp(path, join(extensionsFolder, basename(path)), { recursive: true });
    }
    const server = await VsCodeServer.start({
      folder: join(folder, 'server'),
      env,
      driver: options.installed === undefined,
      ...(options.asksForTrust === true ? { asksForTrust: true } : {}),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...(options.machineSettings === undefined ? {} : { machineSettings: options.machineSettings }),
      extensionsFolder,
    });
    started.add(() => server.stop());
    const browser = await launchBrowser();
    started.add(() => browser.close());
    const code = new VsCode(options, server, browser, env, workspace, started);
    await code.openWindow();
    return code;
  } catch (error) {
    await pictures('VS Code did not open');
    await started.close();
    throw error;
  }
}

/** A VS Code with its first window. */
export class VsCode {
  private context: BrowserContext | undefined;
  private readonly windows: VsCodeWindow[] = [];
  /** What its pages wanted from elsewhere, and did not get. */
  readonly blocked: string[] = [];

  constructor(
    private readonly options: VsCodeOptions,
    readonly server: VsCodeServer,
    private readonly browser: Browser,
    /** What the extension finds in its environment, beside what this process has. */
    readonly env: Readonly<Record<string, string>>,
    readonly workspace: string | null,
    private readonly started: Closing,
  ) {}

  /** The first window that is still open. */
  get window(): VsCodeWindow {
    const first = this.windows.find((window) => VsCodeWindow.open.has(window));
    if (first === undefined) throw new Error('This VS Code has no open window.');
    return first;
  }

  get page(): Page {
    return this.window.page;
  }

  /** Another window on the same workspace, or on another. */
  async openWindow(workspace: string | null = this.workspace): Promise<VsCodeWindow> {
    const page = await (await this.profile()).newPage();
    for (const name of ['codeAutomationLog', 'codeAutomationExit']) await page.exposeFunction(name, () => undefined);
    page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
    const window = await VsCodeWindow.load(page, this.url(workspace), this.server.hasDriver, this.ready);
    this.windows.push(window);
    return window;
  }

  /** Reloads a window and waits until the extension is known again. */
  async reload(window = this.window): Promise<void> {
    await window.reload(this.ready);
  }

  /** Everything that the extension hosts and the extensions in them have logged. */
  async logs(): Promise<string> {
    const logs = join(this.server.folder, 'data', 'logs');
    const names = await readdir(logs, { recursive: true });
    const files = names.filter((name) => /exthost.*\.log$/.test(name)).sort();
    return (
      await Promise.all(files.map(async (name) => `── ${name}\n${await readFile(join(logs, name), 'utf8')}`))
    ).join('\n');
  }

  async close(): Promise<void> {
    await this.started.close();
  }

  private get ready(): string | undefined {
    return this.options.ready ?? (this.options.development === null ? undefined : ours);
  }

  /** Windows of one browser profile share what VS Code keeps in the browser, as windows of the desktop do. */
  private async profile(): Promise<BrowserContext> {
    this.context ??= await newProfile(this.browser, (url) => this.blocked.push(url), this.options.size);
    return this.context;
  }

  private url(workspace: string | null): string {
    const { installed, development = root } = this.options;
    const isDeveloped = installed === undefined && development !== null;
    return workbenchUrl(this.server, { workspace, ...(isDeveloped ? { development } : {}) });
  }
}

/** What was started, ended in the reverse order, each whatever the others do. */
class Closing {
  private readonly ends: (() => Promise<unknown>)[] = [];

  add(end: () => Promise<unknown>): void {
    this.ends.push(end);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.ends.pop(); end !== undefined; end = this.ends.pop()) {
      await end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'VS Code was not closed cleanly.');
  }
}
