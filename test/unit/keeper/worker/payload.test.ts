import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePayload } from '../../../../src/keeper/worker/payload.js';

describe('writePayload', () => {
  const joiner = {
    version: 1 as const,
    relay: { host: '127.0.0.1', port: 1, serverName: 'sitespan-relay' },
    credential: {
      tenant: 'me',
      cluster: 'c',
      role: 'joiner' as const,
      subject: 'join-1',
      expires: 1,
      key: '0'.repeat(64),
    },
    tls: { ca: '-----BEGIN CERTIFICATE-----' },
  };
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'payload-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('carries the start script, the join token and the wheel, and no key for TLS', async () => {
    await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
    await writePayload(join(folder, 'payload'), folder, { kind: 'python', python: '/usr/bin/python3' }, joiner);
    assert.deepEqual((await readdir(join(folder, 'payload'))).sort(), [
      'join.json',
      'sitespan-1-py3-none-any.whl',
      'start.sh',
    ]);
    assert.doesNotMatch(await readFile(join(folder, 'payload', 'join.json'), 'utf8'), /PRIVATE KEY/);
    assert.equal((await stat(join(folder, 'payload', 'join.json'))).mode & 0o777, 0o600);
  });

  it('starts an interpreter whose path would be dangerous in a shell', async () => {
    await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
    const python = join(folder, `it's $(touch hacked) "py"`);
    await writeFile(python, '#!/bin/sh\n[ "$1" = -c ] && echo good || echo "$@"\n');
    await chmod(python, 0o755);
    await writePayload(join(folder, 'payload'), folder, { kind: 'python', python }, joiner);
    const said = execFileSync('sh', ['start.sh'], { cwd: join(folder, 'payload'), encoding: 'utf8' });
    assert.match(said, /-m zipfile -e sitespan-1-py3-none-any\.whl lib\n-m sitespan\.worker --join .*join\.json/);
    assert.equal((await readdir(folder)).includes('hacked'), false);
  });

  it('says which interpreter the node lacks', async () => {
    await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
    await writePayload(join(folder, 'payload'), folder, { kind: 'python', python: '/no/such/python' }, joiner);
    assert.throws(() => execFileSync('sh', ['start.sh'], { cwd: join(folder, 'payload'), stdio: 'pipe' }), {
      status: 3,
      message: /there is no \/no\/such\/python on this node/,
    });
  });
});
