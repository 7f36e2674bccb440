import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../cluster/clusterRig.js';

/** Title of the command with which a person chooses a server. */
export const chooseServer = 'Jupyter: Choose Server';

/**
 * Makes a folder of installed extensions: ours, and one that stands for Microsoft's: its id, its API's types, and of what it
 * does with a collection of servers as much as a test can look at (double.ts).
 */
export async function extensionsIn(folder: string): Promise<void> {
  await mkdir(folder);
  await symlink(root, join(folder, 'sitespan.sitespan-0.1.0'));
  const path = join(folder, 'ms-toolsai.jupyter-0.0.1');
  await mkdir(path);
  await build({
    entryPoints: [join(import.meta.dirname, 'double.ts')],
    outfile: join(path, 'extension.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  const [category, title] = chooseServer.split(': ');
  const about = {
    ...{ name: 'jupyter', publisher: 'ms-toolsai', version: '0.0.1', engines: { vscode: '^1.100.0' } },
    ...{ main: './extension.js', activationEvents: [], extensionKind: ['workspace'] },
    contributes: { commands: [{ command: 'jupyter.chooseServer', category, title }] },
  };
  await writeFile(join(path, 'package.json'), JSON.stringify(about));
}
