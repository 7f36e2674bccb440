import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageExtension } from '../../../scripts/package.mjs';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { VsCodeServer } from './vsCodeServer.js';

/** Packs the checkout, as it is built, and installs it into a folder as a user's VS Code would; for `openVsCode({ installed })`. */
export async function installPackage(folder: string): Promise<{ readonly files: readonly string[] }> {
  const { path, files } = await packageExtension(join(folder, 'sitespan.vsix'));
  await manageExtensions(['--install-extension', path, '--extensions-dir', join(folder, 'extensions')]);
  return { files };
}

/** What `code` does with `--install-extension`, `--uninstall-extension` and `--list-extensions`. @returns what it says */
export async function manageExtensions(args: readonly string[]): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'sitespan-vscode-'));
  try {
    const own = [VsCodeServer.main, '--accept-server-license-terms', '--server-data-dir', data];
    const done = await runLeashed({
      command: VsCodeServer.node,
      args: [...own, ...args],
      env: { ...process.env, EXTENSIONS_GALLERY: '{}' },
      timeoutMs: 120_000,
    });
    if (done.exitCode !== 0) throw new Error(`code ${args.join(' ')} failed: ${done.stdout}${done.stderr}`);
    return done.stdout;
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
