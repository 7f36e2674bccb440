import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { root } from '../rigs/cluster/clusterRig.js';

describe('npm run vscode, where there is no desktop', () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    if (child?.exitCode === null) child.kill('SIGKILL');
  });

  it('prints an address that only its token opens, and ends with Ctrl-C', async () => {
    const path = join(process.execPath, '..');
    const script = join(root, 'scripts', 'vscode.mjs');
    child = spawn(process.execPath, [script], { env: { ...process.env, PATH: `${path}:/usr/bin:/bin` } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const address = /http:\/\/127\.0\.0\.1:\d+\/\?\S+/;
    await until(() => address.test(output), { timeoutMs: 120_000, what: 'The address' });
    const url = new URL(address.exec(output)?.[0] ?? '');
    assert.equal(url.searchParams.get('folder'), join(root, 'examples', 'agc-ttbar'));
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 302);
    url.searchParams.set('tkn', 'guessed');
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 403);
    child.kill('SIGINT');
    await once(child, 'exit');
    await assert.rejects(fetch(url));
  });
});
