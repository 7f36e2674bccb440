// `npm run package`: sitespan-<version>.vsix, with all that a user's VS Code runs and nothing else; or to a path of its own.
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure, runMain } from './failure.mjs';
import { isMain, python, root } from './paths.mjs';
import { run } from './run.mjs';
import { setup } from './setup.mjs';

const largestBytes = 3_000_000;

/** What must be in it, and what may be; the second begins with what vsce itself writes. */
const needed = [
  /^dist\/cli\.mjs$/,
  /^dist\/extension\/extension\.mjs$/,
  /^dist\/sitespan-[^/]+\.whl$/,
  /^dist\/python\/sitespan\/worker\.py$/,
  /^dist\/python\/sitespan-[^/]+\.dist-info\/entry_points\.txt$/,
  /^package\.json$/,
  /^readme\.md$/i,
  /^changelog\.md$/i,
  /^license/i,
  /^media\/sitespan\.svg$/,
  /^examples\/agc-ttbar\/ttbar\.ipynb$/,
  /^examples\/agc-ttbar\/make_data\.py$/,
];
const allowed = [
  ...needed,
  /^dist\/extension\/[\w-]+\.mjs$/,
  /^dist\/python\/.+\.(py|typed)$/,
  /^dist\/python\/[^/]+\.dist-info\/[\w/]+$/,
  /^dist\/webview\/[\w-]+\.(js|css|ttf|svg)$/,
  /^docs\/[\w-]+\.md$/,
  /^examples\/agc-ttbar\/([\w/]+\.py|README\.md)$/,
  /^media\/.+\.(svg|png|md)$/,
];

/**
 * Packs the checkout as it is built.
 *
 * @param {string} [path] where the package goes
 * @returns {Promise<{path: string, files: string[], bytes: number}>} what is in it, as VS Code will find it
 */
export async function packageExtension(path) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const target = resolve(path ?? join(root, `sitespan-${version}.vsix`));
  rmSync(target, { force: true });
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  // The links in the README stay as they are: what they lead to is in the package.
  const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  const { code, output } = await run(process.execPath, [vsce, 'package', ...options, '--out', target]);
  if (code !== 0 || /\bWARN(ING)?\b/.test(output)) {
    throw new Failure(
      `${output.trim()}\nPacking the extension failed, or was not without warnings; what vsce said is above.`,
    );
  }
  const files = await filesOf(target);
  const bytes = statSync(target).size;
  check(files, bytes);
  return { path: target, files, bytes };
}

async function filesOf(path) {
  const source = 'import json, sys, zipfile; print(json.dumps(zipfile.ZipFile(sys.argv[1]).namelist()))';
  const { code, output } = await run(python, ['-c', source, path]);
  if (code !== 0) throw new Failure(`${output}\n${path} cannot be read.`);
  const inside = 'extension/';
  return JSON.parse(output).flatMap((name) => (name.startsWith(inside) ? [name.slice(inside.length)] : []));
}

function check(files, bytes) {
  const missing = needed.filter((pattern) => !files.some((name) => pattern.test(name)));
  const surplus = files.filter((name) => !allowed.some((pattern) => pattern.test(name)));
  const wrong = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(surplus.length > 0 ? [`holds what does not belong there: ${surplus.slice(0, 10).join(', ')}`] : []),
    ...(bytes > largestBytes ? [`has ${bytes} bytes, and may have ${largestBytes}`] : []),
  ];
  if (wrong.length > 0)
    throw new Failure(`The package ${wrong.join('; ')}. See .vscodeignore and scripts/package.mjs.`);
}

if (isMain(import.meta.url)) {
  await runMain(async (args) => {
    await setup();
    const { path, files, bytes } = await packageExtension(args[0]);
    console.log(`${path}: ${files.length} files, ${(bytes / 1e6).toFixed(2)} MB`);
    return 0;
  });
}
