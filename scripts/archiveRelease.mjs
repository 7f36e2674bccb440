// Keeps what users of this version have, for the tests of versions that meet: node scripts/archiveRelease.mjs [FOLDER]
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure, runMain } from './failure.mjs';
import { dist, isMain, root } from './paths.mjs';
import { run } from './run.mjs';

const largestBytes = 1_500_000;

async function archiveRelease(args) {
  const folder = args[0] ?? join(root, 'test', 'fixtures', 'releases');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wheel = readdirSync(dist).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Failure('There is no wheel in dist/; run node scripts/setup.mjs first.');
  const work = mkdtempSync(join(dist, 'release-'));
  try {
    const { transform } = await import('esbuild');
    const { code } = await transform(readFileSync(join(dist, 'cli.mjs'), 'utf8'), {
      minify: true,
      format: 'esm',
      target: 'node20',
    });
    writeFileSync(join(work, 'cli.mjs'), code);
    copyFileSync(join(dist, wheel), join(work, wheel));
    mkdirSync(folder, { recursive: true });
    const archive = join(folder, `${version}.tgz`);
    const { code: exit, output } = await run('tar', ['-czf', archive, '-C', work, 'cli.mjs', wheel]);
    if (exit !== 0) throw new Failure(`tar failed: ${output}`);
    const { size } = statSync(archive);
    if (size > largestBytes) throw new Failure(`${archive} has ${size} bytes; a fixture may have ${largestBytes}.`);
    console.log(`${archive}: ${size} bytes`);
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) await runMain(archiveRelease);
