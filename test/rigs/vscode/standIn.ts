// The command line of `code`, as far as test runners and people use it, on the VS Code of the tests; `./code` starts it.
import { readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import { launchBrowser, newProfile } from './browser.js';
import { manageExtensions } from './manageExtensions.js';
import { pictures } from './pictures.js';
import { VsCodeServer } from './vsCodeServer.js';
import { VsCodeWindow } from './vsCodeWindow.js';
import { workbenchUrl } from './workbenchUrl.js';

const limitMs = 10 * 60_000;

/** What the workbench itself says on its console; the rest comes from tests. */
const noise =
  /^(Resolv(ing|ed) connection token|Creating a socket|\[reconnection-|Ignoring fetching additional|Updating additional builtin|\[driver\]|\[AgentHost|\[AccountPolicyGate\]|\[Service Worker\]|Creation of workbench contribution)|\/static\/out\/vs\//;

const one = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  // What is about Electron, sandboxes and updates is not listed, and means nothing here.
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: one,
    extensionTestsPath: one,
    'user-data-dir': one,
    'extensions-dir': one,
    'install-extension': one,
    'uninstall-extension': one,
    'list-extensions': { type: 'boolean' },
    version: { type: 'boolean' },
  },
});
const textOf = (name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

process.exitCode = await main();

async function main(): Promise<number> {
  if (values['version'] === true) {
    const described: { version: string } = JSON.parse(
      readFileSync(join(VsCodeServer.main, '../../package.json'), 'utf8'),
    );
    process.stdout.write(`${described.version}\n`);
    return 0;
  }
  const manages = ['install-extension', 'uninstall-extension', 'list-extensions'].some(
    (name) => values[name] !== undefined,
  );
  if (manages) {
    process.stdout.write(await manageExtensions(process.argv.slice(2)));
    return 0;
  }
  return runWindow();
}

/** Opens a window; with tests, until those have ended. @returns their exit code */
async function runWindow(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sitespan-vscode-'));
  await mkdir(join(folder, 'server'));
  const server = await VsCodeServer.start({
    folder: join(folder, 'server'),
    extensionsFolder: textOf('extensions-dir'),
    userDataFolder: textOf('user-data-dir'),
  });
  const browser = await launchBrowser();
  try {
    const page = await (await newProfile(browser, () => undefined)).newPage();
    await page.exposeFunction('codeAutomationLog', (_type: string, said: readonly unknown[]) => {
      const line = format(...said);
      if (!noise.test(line)) process.stdout.write(`${line}\n`);
    });
    const ended = new Promise<number>((resolve) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(130));
      setTimeout(() => resolve(124), limitMs).unref();
    });
    const url = workbenchUrl(server, {
      workspace: positionals.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined) ?? null,
      development: textOf('extensionDevelopmentPath'),
      tests: textOf('extensionTestsPath'),
    });
    await VsCodeWindow.load(page, url, true, undefined);
    const code = await ended;
    if (code !== 0) await pictures('failed inside');
    return code;
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
