import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLeashed } from '../../../../src/base/child/leashed.js';
import { isAlive, type ProcessMark, processMark } from '../../../../src/base/child/processMark.js';
import { until } from '../../../../src/base/waiting.js';
import { scratchFolder } from '../scratchFolder.js';

describe('runLeashed', () => {
  const scratch = scratchFolder();
  const shell = (script: string, ...args: string[]) => ({
    command: 'sh',
    args: ['-c', script, 'sh', ...args],
    timeoutMs: 8000,
  });

  /** The mark of the process whose number a script writes to `pid`, followed by a newline. */
  const written = async (): Promise<ProcessMark> => {
    const read = (): Promise<string> => readFile(join(scratch(), 'pid'), 'utf8').catch(() => '');
    await until(async () => (await read()).endsWith('\n'), { timeoutMs: 8000, what: 'The process number' });
    const mark = await processMark(Number(await read()));
    assert.ok(mark);
    return mark;
  };
  const ends = (mark: ProcessMark): Promise<void> =>
    until(async () => !(await isAlive(mark)), { timeoutMs: 5000, what: 'The end of the process' });

  it('gives exit code and both outputs, and what it was to read', async () => {
    const result = await runLeashed({ ...shell('cat; echo trouble >&2; exit 3'), input: 'é' });
    assert.deepEqual(result, { exitCode: 3, stdout: 'é', stderr: 'trouble\n', truncated: false });
  });

  it('gives an ended input where there is none', async () => {
    assert.equal((await runLeashed(shell('cat'))).exitCode, 0);
  });

  it('hands arguments on as they are', async () => {
    const odd = ['', '-n', '$(exit 9)', '`exit 9`', "it's", '"', 'a\nb', '*', '\\'];
    const { stdout } = await runLeashed(shell('printf "[%s]" "$@"', ...odd));
    assert.equal(stdout, odd.map((arg) => `[${arg}]`).join(''));
  });

  it('gives exactly the environment and folder it is told', async () => {
    const result = await runLeashed({
      ...shell('echo "$ONLY$HOME"; pwd'),
      env: { ONLY: 'this', PATH: process.env['PATH'] },
      cwd: scratch(),
    });
    assert.equal(result.stdout, `this\n${scratch()}\n`);
  });

  it('has the code of a signal and of a missing program', async () => {
    assert.equal((await runLeashed(shell('kill -TERM $$'))).exitCode, 143);
    const missing = await runLeashed({ command: 'no-such-program', args: [], timeoutMs: 5000 });
    assert.equal(missing.exitCode, 127);
    assert.match(missing.stderr, /no-such-program/);
  });

  it('fails in one sentence when its folder is missing', async () => {
    await assert.rejects(runLeashed({ ...shell('exit 0'), cwd: join(scratch(), 'absent') }), {
      code: 'command-failed-to-start',
      message: /absent/,
    });
  });

  it('drops output over the limit, and says so', async () => {
    const result = await runLeashed({ ...shell('head -c 100000 /dev/zero | tr "\\0" x'), outputLimitBytes: 1000 });
    assert.equal(result.stdout, 'x'.repeat(1000));
    assert.equal(result.truncated, true);
    assert.equal(result.exitCode, 0);
  });

  it('ends with the command, and ends what the command left running', async () => {
    const result = await runLeashed(shell(`sleep 600 & echo $! > "$1"; echo done`, join(scratch(), 'pid')));
    assert.equal(result.stdout, 'done\n');
    await until(async () => (await processMark(Number(await readFile(join(scratch(), 'pid'), 'utf8')))) === undefined, {
      timeoutMs: 5000,
      what: 'The end of what was left',
    });
  });

  it('kills at the time limit, grandchildren too', async () => {
    const run = runLeashed({ ...shell('sleep 600 & echo $! > "$1"; wait', join(scratch(), 'pid')), timeoutMs: 500 });
    const rejected = assert.rejects(run, { code: 'command-timeout', message: /sh .* 0\.5 s/ });
    const grandchild = await written();
    await rejected;
    await ends(grandchild);
  });

  it('kills when it is aborted, and fails with the reason', async () => {
    const abort = new AbortController();
    const run = runLeashed({ ...shell('echo $$ > "$1"; sleep 600', join(scratch(), 'pid')), signal: abort.signal });
    const rejected = assert.rejects(run, /cancelled/);
    const mark = await written();
    abort.abort(new Error('cancelled'));
    await rejected;
    await ends(mark);
  });

  it('ends when this process is killed', async () => {
    const program = join(scratch(), 'parent.mts');
    const leashed = join(import.meta.dirname, '../../../../src/base/child/leashed.ts');
    await writeFile(
      program,
      `import { runLeashed } from ${JSON.stringify(leashed)};
       await runLeashed({ command: 'sh', args: ['-c', 'echo $$ > "$1"; exec sleep 600', 'sh', process.argv[2]], timeoutMs: 60000 });`,
    );
    const parent = spawn(process.execPath, ['--import', 'tsx', program, join(scratch(), 'pid')], { stdio: 'inherit' });
    const mark = await written();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await ends(mark);
  });
});
