// Bundles everything that runs in Node into one file: the cluster's own copy of its code is then one file, too.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, runMain } from './failure.mjs';
import { dist, isMain, root } from './paths.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

const inputs = ['src', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];

export const bundles = {
  name: 'bundles',
  missing: () => !existsSync(join(dist, 'cli.mjs')) || !isStamped('bundles', hashOf(inputs)),
  make: buildBundles,
};

async function buildBundles() {
  const hash = hashOf(inputs);
  const { build } = await import('esbuild');
  let outputs;
  try {
    const result = await build({
      absWorkingDir: root,
      entryPoints: { cli: 'src/cli.ts' },
      outdir: dist,
      outExtension: { '.js': '.mjs' },
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
    });
    outputs = result.outputFiles;
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    throw new Failure('Bundling src/cli.ts failed; the errors are above.');
  }
  mkdirSync(dist, { recursive: true });
  for (const { path, contents } of outputs) {
    // Renamed into place: whoever starts the bundle meanwhile gets the old or the new one, whole.
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  }
  stamp('bundles', hash);
}

if (isMain(import.meta.url)) await runMain(buildBundles);
