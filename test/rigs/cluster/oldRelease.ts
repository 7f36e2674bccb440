import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { python, root } from './clusterRig.js';

/** An earlier version as its users have it, from test/fixtures/releases: a folder like dist/. */
export class OldRelease {
  private constructor(readonly bundle: string) {}

  static async unpack(version: string): Promise<OldRelease> {
    const bundle = await mkdtemp(join(tmpdir(), 'sitespan-old-'));
    const run = async (command: string, ...args: string[]): Promise<void> => {
      const done = await runLeashed({ command, args, timeoutMs: 60_000 });
      if (done.exitCode !== 0) throw new Error(`${command}: ${done.stderr}`);
    };
    await run('tar', '-xzf', join(root, 'test', 'fixtures', 'releases', `${version}.tgz`), '-C', bundle);
    const wheel = (await readdir(bundle)).find((name) => name.endsWith('.whl')) ?? '';
    await run(python, '-m', 'zipfile', '-e', join(bundle, wheel), join(bundle, 'python'));
    return new OldRelease(bundle);
  }

  get program(): string {
    return join(this.bundle, 'cli.mjs');
  }

  dispose(): Promise<void> {
    return rm(this.bundle, { recursive: true, force: true });
  }
}
