// Bundles what runs in Node: the program into one file, so that a cluster's own copy of its code is one file, too; the extension into pieces. And the webviews' pages.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure, runMain } from './failure.mjs';
import { dist, isMain, root } from './paths.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

const inputs = ['src', 'webview', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];

export const bundles = {
  name: 'bundles',
  missing: () =>
    !existsSync(join(dist, 'cli.mjs')) ||
    !existsSync(join(dist, 'extension', 'extension.js')) ||
    !existsSync(join(dist, 'webview', 'throughput.js')) ||
    !isStamped('bundles', hashOf(inputs)),
  make: buildBundles,
};

async function buildBundles() {
  const hash = hashOf(inputs);
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    write: false,
    // Bundled CommonJS packages still call require().
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
  };
  const wanted = [
    { ...common, entryPoints: { cli: 'src/cli.ts' }, outdir: dist, outExtension: { '.js': '.mjs' } },
    // In pieces, so that a window loads at its start only what registers.
    {
      ...common,
      entryPoints: { extension: 'src/extension.ts' },
      outdir: join(dist, 'extension'),
      splitting: true,
      chunkNames: 'part-[hash]',
      external: ['vscode'],
    },
    {
      absWorkingDir: root,
      entryPoints: ['ts', 'css'].map((kind) => ({ in: `webview/throughput/throughput.${kind}`, out: 'throughput' })),
      outdir: join(dist, 'webview'),
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2023',
      logLevel: 'warning',
      write: false,
    },
  ];
  let outputs;
  try {
    outputs = (await Promise.all(wanted.map((options) => build(options)))).flatMap((result) => result.outputFiles);
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    throw new Failure('Bundling src failed; the errors are above.');
  }
  for (const { path, contents } of outputs) {
    // Renamed into place: whoever starts the bundle meanwhile gets the old or the new one, whole.
    const temporary = `${path}.${process.pid}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  }
  removeOthers(join(dist, 'extension'), new Set(outputs.map(({ path }) => path)));
  stamp('bundles', hash);
}

/** Pieces of an earlier build have other names. */
function removeOthers(folder, kept) {
  for (const path of readdirSync(folder).map((name) => join(folder, name))) {
    if (!kept.has(path)) rmSync(path, { force: true });
  }
}

if (isMain(import.meta.url)) await runMain(buildBundles);
