import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { descendantRelayPid } from '../../../src/bench/relayPid.js';

describe('descendantRelayPid', () => {
  it('finds the Node process under the shell around it', async function () {
    if (process.platform !== 'linux') this.skip();
    const shell = spawn(
      '/bin/sh',
      ['-c', `"$0" -e 'console.log(process.pid); setTimeout(() => {}, 20000)'; true`, process.execPath],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      },
    );
    try {
      const [line] = await once(shell.stdout, 'data');
      assert.equal(await descendantRelayPid(shell.pid ?? 0), Number(String(line)));
    } finally {
      process.kill(-(shell.pid ?? 0), 'SIGKILL');
    }
  });

  it('says so where there is none', async () => {
    await assert.rejects(descendantRelayPid(2 ** 30), { code: 'bench-failed' });
  });
});
