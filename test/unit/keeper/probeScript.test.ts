import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import { probeFacts, probeFile, writeProbe } from '../../../src/keeper/probeScript.js';
import { scratchFolder } from '../base/scratchFolder.js';

const source = join(import.meta.dirname, '..', '..', '..', 'python', 'src');

describe('writeProbe', () => {
  const folder = scratchFolder();

  /** Runs a probe as its job would. */
  const run = async (environment: EnvironmentSpec, relay: string) => {
    const bundle = join(folder(), 'bundle');
    await mkdir(bundle, { recursive: true });
    execFileSync('python3', ['-m', 'zipfile', '-c', join(bundle, 'sitespan-1-py3-none-any.whl'), 'sitespan'], {
      cwd: source,
    });
    const job = join(folder(), `job-${process.hrtime.bigint()}`);
    await writeProbe(job, bundle, environment);
    const env = { PATH: process.env['PATH'], SITESPAN_PROBE_RELAY: relay };
    const { stdout, stderr, status } = spawnSync('sh', [probeFile], { cwd: job, encoding: 'utf8', env });
    return { facts: probeFacts(stdout), stderr, status };
  };

  it('says what is on a node, and reaches a relay that is there', async () => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      // This process stands still meanwhile: that the system takes the connection is enough for the probe.
      const { facts, status } = await run({ kind: 'python', python: 'python3' }, `127.0.0.1:${address.port}`);
      assert.equal(status, 0);
      assert.equal(facts['relay'], 'reached');
      assert.ok(facts['host'] !== undefined && facts['system'] !== undefined);
      assert.match(JSON.parse(facts['environment'] ?? '').python, /^3\.\d+\.\d+$/);
      assert.ok(JSON.parse(facts['node'] ?? '').cores >= 1);
    } finally {
      server.close();
    }
  });

  it('enters the environment as a worker would, and says what is wrong with it and with the way to the relay', async () => {
    const script = join(folder(), 'set up.sh');
    await writeFile(script, 'export PYTHONPATH=/of/the/view\n');
    const refused = await run({ kind: 'script', script, python: 'python3' }, '127.0.0.1:1');
    assert.deepEqual([refused.status, refused.facts['relay']], [0, 'refused']);
    const missing = await run({ kind: 'python', python: '/no/such/python' }, '127.0.0.1:1');
    assert.deepEqual([missing.status, missing.facts['environment']], [3, undefined]);
    assert.match(missing.stderr, /there is no \/no\/such\/python on this node/);
    assert.ok(missing.facts['host'] !== undefined, 'what the node tells is there all the same');
  });
});
