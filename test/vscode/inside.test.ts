import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../src/base/child/leashed.js';
import { root } from '../rigs/cluster/clusterRig.js';

const limitMs = 170_000;

describe('in the extension host', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('all tests of test/vscode/inside pass', async () => {
    const inside = join(root, 'test', 'vscode', 'inside');
    const { exitCode, output } = await run((await readdir(inside)).map((name) => join(inside, name)));
    assert.equal(exitCode, 0, output);
    assert.match(output, /[1-9]\d* passing/);
  });

  it('a test that fails there fails here', async () => {
    const { exitCode, output } = await run([join(root, 'test', 'fixtures', 'inside', 'fails.ts')]);
    assert.notEqual(exitCode, 0);
    assert.match(output, /1 failing/);
  });

  async function run(files: readonly string[]): Promise<{ exitCode: number; output: string }> {
    const { exitCode, stdout, stderr } = await runLeashed({
      command: process.execPath,
      args: ['--import', 'tsx', join(root, 'test', 'rigs', 'vscode', 'runInside.ts'), folder, ...files],
      cwd: root,
      env: {
        ...process.env,
        XDG_STATE_HOME: join(folder, 'state'),
        XDG_RUNTIME_DIR: folder,
      },
      timeoutMs: limitMs,
    });
    return { exitCode, output: `${stdout}${stderr}` };
  }
});
