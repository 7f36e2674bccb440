import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive, isGroupAlive, processMark, whereIs } from '../../../../src/base/child/processMark.js';
import { until } from '../../../../src/base/waiting.js';

describe('processMark', () => {
  it('names a living process, always the same', async () => {
    const mark = await processMark();
    assert.ok(mark);
    assert.deepEqual(await processMark(process.pid), mark);
    assert.equal(await isAlive(mark), true);
  });

  it('is not alive under the same number with another start, or before a restart of the computer', async () => {
    const mark = await processMark();
    assert.ok(mark);
    assert.equal(await isAlive({ ...mark, started: `${mark.started}0` }), false);
    assert.equal(await isAlive({ ...mark, boot: 'another' }), false);
  });

  it('is not alive, and from elsewhere, where another container counts the processes', async () => {
    const mark = await processMark();
    assert.ok(mark);
    const other = { ...mark, pids: 'pid:[1]' };
    assert.deepEqual([await whereIs(mark), await whereIs(other)], ['here', 'elsewhere']);
    assert.deepEqual([await isAlive(other), await isGroupAlive(other)], [false, false]);
  });

  it('is from elsewhere when it names another computer, and as before when it is of an earlier version', async () => {
    const { pids, machine, ...mark } = (await processMark()) ?? assert.fail();
    assert.ok(pids);
    assert.equal(await whereIs(mark), 'here');
    assert.equal(await isAlive(mark), true);
    assert.equal(await whereIs({ ...mark, pids, boot: 'another', machine: `${machine ?? ''}0` }), 'elsewhere');
  });

  it('tells two processes apart', async () => {
    assert.notDeepEqual(await processMark(process.ppid), await processMark());
  });

  it('has none for a number without a process', async () => {
    assert.equal(await processMark(2 ** 30), undefined);
  });

  it('counts a zombie as dead', async () => {
    // The shell becomes a program that never asks how its child ended.
    const shell = spawn('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [pid] = await once(shell.stdout, 'data');
      const mark = await processMark(Number(pid));
      assert.ok(mark);
      await until(async () => !(await isAlive(mark)), { timeoutMs: 5000, what: 'The end of the child' });
    } finally {
      shell.kill('SIGKILL');
    }
  });

  it('knows that a group lives on without its leader', async () => {
    const leader = spawn('/bin/sh', ['-c', 'sleep 60 & read -r go'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(leader, 'spawn');
    const mark = await processMark(Number(leader.pid));
    assert.ok(mark);
    const gone = once(leader, 'exit');
    leader.stdin?.end('go\n');
    await gone;
    assert.equal(await isAlive(mark), false);
    assert.equal(await isGroupAlive(mark), true);
    process.kill(-mark.pid, 'SIGKILL');
    await until(async () => !(await isGroupAlive(mark)), { timeoutMs: 5000, what: 'The end of the group' });
  });
});
