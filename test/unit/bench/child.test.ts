import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { isSystemError } from '../../../src/base/systemError.js';
import { until } from '../../../src/base/waiting.js';
import { Child } from '../../../src/bench/child.js';

const child = (script: string): Child =>
  new Child({
    what: 'The echo',
    command: process.execPath,
    args: ['-e', script],
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '' },
  });

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false;
    throw error;
  }
}

describe('a child of a benchmark', () => {
  it('answers what it is asked, line by line, under the process id that it has itself', async () => {
    const echo = child('process.stdin.on("data", (line) => process.stdout.write(process.pid + " " + line))');
    try {
      echo.say('one');
      assert.equal(await echo.line(10_000), `${echo.pid} one`);
      echo.say('two');
      assert.equal(await echo.line(10_000), `${echo.pid} two`);
    } finally {
      echo.dispose();
    }
  });

  it('says with its own last words that it has ended', async () => {
    const broken = child('console.error("no such port"); process.exitCode = 1');
    try {
      await assert.rejects(broken.line(10_000), { code: 'bench-child', message: /The echo .* ended .*no such port/ });
    } finally {
      broken.dispose();
    }
  });

  it('ends with what it has started', async () => {
    const parent = child(`
      const { spawn } = require('node:child_process');
      const sleeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log(sleeper.pid);
      setInterval(() => {}, 1000);
    `);
    const grandchild = Number(await parent.line(10_000));
    assert.ok(lives(grandchild));
    parent.dispose();
    await until(() => !lives(grandchild), { timeoutMs: 5000, what: 'The end of the grandchild' });
  });
});
