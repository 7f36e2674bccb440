import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { Home, processesOf, root } from '../../rigs/cluster/clusterRig.js';

describe('the demonstration (npm start)', () => {
  let home: Home;

  before(async () => {
    home = await Home.make();
  });
  after(() => home.remove());
  afterEach(() => assert.deepEqual(processesOf(home.folder), [], 'something was left running'));

  const start = () => {
    const args = [
      join(root, 'dist', 'cli.mjs'),
      'demo',
      '--runs',
      join(home.folder, 'runs'),
      '--data',
      join(home.folder, 'data'),
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    const ended = once(child, 'close').then(([code]) => ({ code, said }));
    return { child, ended, said: () => said };
  };

  it('ends cleanly with Ctrl-C, leaving nothing', async () => {
    const { child, ended, said } = start();
    await until(() => /until the first worker works/.test(said()), { timeoutMs: 90_000, what: 'The first worker' });
    child.kill('SIGINT');
    const { code } = await ended;
    assert.equal(code, 130);
    assert.match(said(), /Stopped; nothing is left running\./);
  });

  it('runs twice at once, each to its own result', async () => {
    const ends = await Promise.all([start().ended, start().ended]);
    for (const { code, said } of ends) {
      assert.equal(code, 0, said);
      assert.match(said, /all +9 +192,279/);
      assert.match(said, /Results, executed notebook and plots:/);
    }
    const runs = await readdir(join(home.folder, 'runs'));
    const done = runs.filter((run) => !run.startsWith('.'));
    const results: string[] = [];
    for (const run of done) {
      const files = await readdir(join(home.folder, 'runs', run));
      if (!files.includes('results.json')) continue;
      results.push(run);
      for (const file of [
        'ttbar.ipynb',
        'throughput.json',
        'throughput.png',
        'throughput.svg',
        'regions.png',
        'regions.svg',
      ]) {
        assert.ok(files.includes(file), `${run} has no ${file}`);
      }
      const throughput = JSON.parse(await readFile(join(home.folder, 'runs', run, 'throughput.json'), 'utf8'));
      assert.equal(throughput.total.events, 192_279);
    }
    assert.equal(results.length, 2);
  });
});
