// Runs tests in the extension host of a VS Code, through @vscode/test-electron: node --import tsx runInside.ts WORKSPACE FILE…
// The VS Code is that of the tests where it runs; elsewhere, and with SITESPAN_DESKTOP set, one is downloaded as usual.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { root } from '../cluster/clusterRig.js';

const [workspace, ...files] = process.argv.slice(2);
if (workspace === undefined || files.length === 0) throw new Error('usage: runInside.ts WORKSPACE FILE…');
const isOurs = process.platform === 'linux' && process.arch === 'x64' && !process.env['SITESPAN_DESKTOP'];

// In dist/, so that mocha is found from there.
const bundle = mkdtempSync(join(root, 'dist', 'inside-'));
const folder = mkdtempSync(join(tmpdir(), 'sitespan-inside-'));
try {
  const outfile = join(bundle, 'index.cjs');
  await build({
    stdin: { contents: entryOf(files.map((file) => resolve(file))), resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  process.exitCode = await runTests({
    ...(isOurs ? { vscodeExecutablePath: join(import.meta.dirname, 'code') } : {}),
    extensionDevelopmentPath: root,
    extensionTestsPath: outfile,
    launchArgs: [
      workspace,
      `--user-data-dir=${join(folder, 'data')}`,
      `--extensions-dir=${join(folder, 'extensions')}`,
      '--disable-extensions',
    ],
  });
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(bundle, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** What VS Code loads: mocha, with the tests in it. */
function entryOf(paths: readonly string[]): string {
  return `
    import Mocha from 'mocha';
    export async function run() {
      const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 60_000 });
      mocha.suite.emit('pre-require', globalThis, '', mocha);
      ${paths.map((path) => `await import(${JSON.stringify(path)});`).join('\n')}
      const failed = await new Promise((resolve) => mocha.run(resolve));
      if (failed > 0) throw new Error(failed + ' tests have failed');
    }`;
}
