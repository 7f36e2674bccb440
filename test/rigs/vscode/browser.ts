import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { findBrowser } from './install.mjs';

const browserArguments = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** A Chromium without a screen. It ends with this process, however that ends: it lives on a pipe from here. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined)
    throw new Error('There is no Chromium; run node test/rigs/vscode/install.mjs first.');
  return chromium.launch({ executablePath, args: browserArguments });
}

/** What a person has in a browser, fresh: nothing is fetched from elsewhere, and `onBlocked` hears what wanted to. */
export async function newProfile(
  browser: Browser,
  onBlocked: (url: string) => void,
  size = { width: 1400, height: 900 },
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: size, permissions: ['clipboard-read', 'clipboard-write'] });
  await context.route(
    (url) => url.hostname !== '127.0.0.1' && url.hostname !== 'localhost',
    (route) => {
      onBlocked(route.request().url());
      return route.abort();
    },
  );
  // VS Code's page encrypts secrets with a key that only code-server's own wrapper hands out; without one a reload loses them.
  await context.route('**/mint-key', (route) => {
    return route.fulfill({ status: 200, contentType: 'application/octet-stream', body: Buffer.alloc(32, 7) });
  });
  return context;
}
