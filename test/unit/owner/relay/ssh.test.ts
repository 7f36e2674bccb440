import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSshHost, Ssh } from '../../../../src/owner/relay/ssh.js';

describe('ssh', () => {
  it('is given hosts, and nothing else that it or a shell could read', () => {
    for (const host of ['relay.example.org', 'me@relay.example.org', 'vm-7', '192.0.2.7', 'a_b@c_d'])
      assert.equal(isSshHost(host), true, host);
    for (const host of [
      '',
      '-oProxyCommand=reboot',
      'a b',
      'a;b',
      '$(reboot)',
      'me@',
      '@host',
      'me@-host',
      "a'b",
      'a\nb',
      '[::1]',
    ])
      assert.equal(isSshHost(host), false, host);
    assert.throws(() => new Ssh({ host: '-oProxyCommand=reboot' }), { code: 'ssh-host' });
  });

  describe('that is a stand-in', () => {
    let folder = '';
    const path = process.env['PATH'];
    /** Notes its arguments, says what it is told to, and ends. */
    const standIn = (says: string, code: number): void => {
      const file = join(folder, 'ssh');
      const noted = join(folder, 'arguments');
      writeFileSync(
        file,
        `#!/bin/sh\nprintf '%s\\n' "$@" > '${noted}'\ncat > '${join(folder, 'input')}'\necho "${says}" >&2\nexit ${code}\n`,
      );
      chmodSync(file, 0o755);
    };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sitespan-ssh-'));
      process.env['PATH'] = `${folder}:${path}`;
    });
    afterEach(() => {
      process.env['PATH'] = path;
      rmSync(folder, { recursive: true });
    });

    it('gets a file on stdin, counted, and never asks', async () => {
      standIn('', 0);
      await new Ssh({ host: 'me@vm', config: '/tmp/config' }).put('a/b', Buffer.from('secret'), '600');
      assert.equal(readFileSync(join(folder, 'input'), 'utf8'), 'secret');
      const said = readFileSync(join(folder, 'arguments'), 'utf8').trimEnd().split('\n');
      assert.deepEqual(said.slice(0, -1), [
        '-o',
        'BatchMode=yes',
        '-o',
        'ConnectTimeout=20',
        '-T',
        '-F',
        '/tmp/config',
        '--',
        'me@vm',
      ]);
      assert.match(said.at(-1) ?? '', /^\/bin\/sh -c 'cd; [^']*-eq 6 \];[^']*'$/);
      assert.doesNotMatch(said.join(' '), /secret/);
    });

    const failures: readonly [string, number, RegExp][] = [
      ['me@vm: Permission denied (publickey,password).', 255, /cannot log in to vm .*ssh-add.*"ssh vm true"/],
      ['Host key verification failed.', 255, /host key is not known yet/],
      ['ssh: Could not resolve hostname vm: Name or service not known', 255, /no computer has that name/],
      ['ssh: connect to host vm port 22: Connection refused', 255, /see that sshd runs/],
      ['ssh: connect to host vm port 22: Connection timed out', 255, /does not answer/],
      ['kex_exchange_identification: something new', 255, /something new/],
      ['sh: disk full', 1, /to be done on vm over ssh failed with exit code 1: sh: disk full/],
    ];
    for (const [says, code, sentence] of failures) {
      it(`that says "${says}" is told in a sentence`, async () => {
        standIn(says, code);
        await assert.rejects(new Ssh({ host: 'vm' }).run('true'), { message: sentence });
      });
    }
  });

  it('that is not there is missed', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      await assert.rejects(new Ssh({ host: 'vm' }).run('true'), { code: 'ssh-failed', message: /openssh-client/ });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
