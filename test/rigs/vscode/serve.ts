// Serves the VS Code of the tests, with the packed extension installed, to a person's browser until it is interrupted: serve.ts FOLDER
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage } from './manageExtensions.js';
import { VsCodeServer } from './vsCodeServer.js';
import { workbenchUrl } from './workbenchUrl.js';

const [workspace = process.cwd()] = process.argv.slice(2);
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
});
const folder = await mkdtemp(join(tmpdir(), 'sitespan-vscode-'));
try {
  await installPackage(folder);
  const server = await VsCodeServer.start({
    folder: join(folder, 'server'),
    extensionsFolder: join(folder, 'extensions'),
    settings: { 'workbench.welcomePage.walkthroughs.openOnInstall': true },
    driver: false,
    withToken: true,
  });
  try {
    process.stdout.write(`Open ${workbenchUrl(server, { workspace })}\nCtrl-C ends it.\n`);
    await ended;
  } finally {
    await server.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
