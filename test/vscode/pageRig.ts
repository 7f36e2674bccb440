import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { until } from '../../src/base/waiting.js';
import { type PageMessage, type PanelSnapshot, pageMessage } from '../../src/editor/protocol.js';
import { findBrowser } from '../rigs/vscode/install.mjs';
import { type ThemeName, themes } from './themes.js';

const dist = join(import.meta.dirname, '..', '..', 'dist', 'webview');
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };
const nonce = 'bm9uY2U=';

/** The built throughput page in a real browser, behind the policy that VS Code puts it behind, with a panel that is ours. */
export class PageRig {
  readonly said: PageMessage[] = [];
  /** What the browser complained about: refused by the policy, thrown, logged as an error. */
  readonly complaints: string[] = [];

  private devtools: CDPSession | undefined;

  private constructor(
    private readonly server: Server,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(theme: ThemeName, { width = 1200, height = 1000 } = {}): Promise<PageRig> {
    const server = await serve();
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox', '--disable-gpu'] });
      const page = await browser.newPage({ viewport: { width, height } });
      const rig = new PageRig(server, browser, page);
      await rig.listen();
      await rig.load(theme);
      return rig;
    } catch (error) {
      await browser?.close();
      server.close();
      throw error;
    }
  }

  /** As VS Code does it when the page was hidden: all is new but what it kept. */
  async load(theme: ThemeName): Promise<void> {
    const { port } = this.server.address() as AddressInfo;
    await this.page.goto(`http://127.0.0.1:${port}/`);
    await this.paint(theme);
  }

  /** What is loaded has the theme; and when it changes, VS Code changes these. */
  async paint(theme: ThemeName): Promise<void> {
    const { kind, variables } = themes[theme];
    await this.page.evaluate(`(() => {
      const style = document.documentElement.style;
      style.cssText = '';
      for (const [name, value] of Object.entries(${JSON.stringify(variables)})) style.setProperty('--vscode-' + name, value);
      document.body.className = ${JSON.stringify(kind)};
      document.body.dataset.vscodeThemeKind = ${JSON.stringify(kind)};
    })()`);
  }

  async send(snapshot: PanelSnapshot): Promise<void> {
    await this.page.evaluate(`window.postMessage(${JSON.stringify(snapshot)}, '*')`);
  }

  /**
   * Sends it, and waits until the page has taken it in. @returns the processor time that took the page's thread for script, in
   * milliseconds: how busy the computer is otherwise is not in it
   */
  async scriptTimeOf(snapshot: PanelSnapshot): Promise<number> {
    this.devtools ??= await this.startCounting();
    // To read the test's own words is no part of the page's work.
    await this.page.evaluate(`window.nextSnapshot = ${JSON.stringify(snapshot)}; undefined`);
    const before = await this.scriptSeconds(this.devtools);
    const updates = await this.updates();
    await this.page.evaluate("window.postMessage(window.nextSnapshot, '*')");
    await until(async () => (await this.updates()) > updates, { timeoutMs: 10_000, everyMs: 10, what: 'The update' });
    return ((await this.scriptSeconds(this.devtools)) - before) * 1000;
  }

  /** How many snapshots the page has taken in since it was loaded. */
  async updates(): Promise<number> {
    return this.page.evaluate("performance.getEntriesByName('update').length");
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async startCounting(): Promise<CDPSession> {
    const devtools = await this.page.context().newCDPSession(this.page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    return devtools;
  }

  private async scriptSeconds(devtools: CDPSession): Promise<number> {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN;
  }

  private async listen(): Promise<void> {
    const { page } = this;
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    await page.exposeFunction('toPanel', (raw: unknown) => this.said.push(pageMessage.parse(raw)));
    await page.addInitScript(`
      let kept = JSON.parse(sessionStorage.getItem('kept') ?? 'null');
      window.acquireVsCodeApi = () => ({
        postMessage: (message) => window.toPanel(message),
        getState: () => kept,
        setState: (state) => sessionStorage.setItem('kept', JSON.stringify(state)),
      });`);
  }
}

function serve(): Promise<Server> {
  const policy = `default-src 'none'; style-src 'self' 'nonce-${nonce}'; font-src 'self'; script-src 'nonce-${nonce}'`;
  const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Throughput</title>
<meta http-equiv="Content-Security-Policy" content="${policy}"><meta property="csp-nonce" content="${nonce}"><link rel="stylesheet" href="/throughput.css"></head>
<body><main id="page"><h1>Throughput</h1></main><script type="module" nonce="${nonce}" src="/throughput.js"></script></body></html>`;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/') {
      response.setHeader('content-type', 'text/html').end(html);
      return;
    }
    readFile(join(dist, path)).then(
      (content) => response.setHeader('content-type', types[extname(path)] ?? 'text/plain').end(content),
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
