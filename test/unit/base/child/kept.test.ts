import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptKept, endKept, exitOf, type KeptOptions, keptOf, startKept } from '../../../../src/base/child/kept.js';
import { isAlive, isGroupAlive, processMark } from '../../../../src/base/child/processMark.js';
import { until } from '../../../../src/base/waiting.js';
import { scratchFolder } from '../scratchFolder.js';

describe('kept children', () => {
  // Before the scratch folder goes, and what is known of the child with it.
  afterEach(() => endKept(folder(), { graceMs: 0 }));
  const scratch = scratchFolder();
  const folder = (): string => join(scratch(), 'kept "$HOME"; `x`\n');
  const running = 'echo up; while :; do sleep 0.05; done';

  const options = (script: string, changes: Partial<KeptOptions> = {}): KeptOptions => ({
    ...{ folder: folder(), command: '/bin/sh', args: ['-c', script], cwd: scratch() },
    ...{ env: { PATH: process.env['PATH'] ?? '' }, logLimitBytes: 1_000_000, watchEverySeconds: 1 },
    ...changes,
  });
  const log = (): Promise<string> => readFile(join(folder(), 'log'), 'utf8');
  const waitFor = (what: string, condition: () => Promise<boolean>): Promise<void> =>
    until(condition, { timeoutMs: 8000, what });
  const ended = (): Promise<void> => waitFor('The exit', async () => (await exitOf(folder())) !== undefined);
  const up = (): Promise<void> => waitFor('The first line', async () => (await log()).includes('up\n'));

  it('notes exit code and time, and keeps all output', async () => {
    const { startedAtMs } = await startKept(options('echo out; echo err >&2; exit 7'));
    await ended();
    const exit = await exitOf(folder());
    assert.equal(exit?.code, 7);
    assert.equal(exit?.because, undefined);
    assert.ok((exit?.atMs ?? 0) >= startedAtMs - 1000);
    assert.equal(await log(), 'out\nerr\n');
  });

  it('tells one that was killed from one whose starter was killed before it let it run', async () => {
    const { mark } = await startKept(options(running));
    await up();
    process.kill(-mark.pid, 'SIGKILL');
    await ended();
    assert.deepEqual(await exitOf(folder()), { code: undefined, atMs: undefined });
    await rm(join(folder(), 'begun'));
    assert.deepEqual(await exitOf(folder()), { code: undefined, atMs: undefined, because: 'never-began' });
  });

  it('notes a signal as 128 and its number', async () => {
    await startKept(options('kill -SEGV $$'));
    await ended();
    assert.equal((await exitOf(folder()))?.code, 139);
  });

  it('gives the command its arguments, environment and folder exactly, and nothing to read', async () => {
    const odd = ['', '-n', '$(exit 9)', "it's", 'a\nb', '\\'];
    await startKept(
      options('', {
        args: ['-c', 'printf "[%s]" "$@"; echo; env; pwd; cat', 'sh', ...odd],
        env: { ONLY: '$(this)', PATH: '/usr/bin:/bin:/odd' },
      }),
    );
    await ended();
    const names = (await log()).split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    assert.ok((await log()).startsWith(`${odd.map((arg) => `[${arg}]`).join('')}\n`));
    // Some shells set these two themselves.
    assert.deepEqual(names.filter((name) => !['_', 'SHLVL'].includes(name)).sort(), ['ONLY', 'PATH', 'PWD']);
    assert.match(await log(), /^ONLY=\$\(this\)$/m);
    assert.match(await log(), /^PATH=\/usr\/bin:\/bin:\/odd$/m);
    assert.ok((await log()).endsWith(`${scratch()}\n`));
  });

  it('leaves the command its signals', async () => {
    // A program started in the background of a shell would ignore INT, and a Python in it never be interrupted.
    await startKept(options('trap "echo interrupted; exit 5" INT; echo up; while :; do sleep 0.05; done'));
    await up();
    const kept = await adoptKept(folder());
    assert.ok(kept);
    process.kill(-kept.mark.pid, 'SIGINT');
    await ended();
    assert.equal((await exitOf(folder()))?.code, 5);
  });

  it('is seen while it runs, and is not afterwards', async () => {
    assert.equal(await adoptKept(folder()), undefined);
    assert.equal(await exitOf(folder()), undefined);
    const kept = await startKept(options(running));
    await up();
    assert.deepEqual(await adoptKept(folder()), kept);
    assert.equal(await exitOf(folder()), undefined);
    await endKept(folder(), { graceMs: 5000 });
    assert.equal(await adoptKept(folder()), undefined);
    assert.deepEqual(await keptOf(folder()), kept);
    assert.equal((await exitOf(folder()))?.code, 143);
  });

  it('lets a command end in its own way after TERM', async () => {
    await startKept(options('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done'));
    await up();
    await endKept(folder(), { graceMs: 8000 });
    assert.equal((await exitOf(folder()))?.code, 0);
    assert.match(await log(), /bye\n/);
  });

  it('kills what does not listen, and its children', async () => {
    const { mark } = await startKept(options('trap "" TERM; sleep 600 & echo up; while :; do sleep 0.05; done'));
    await up();
    await endKept(folder(), { graceMs: 50 });
    assert.equal(await isGroupAlive(mark), false);
    assert.equal((await exitOf(folder()))?.code, 137);
  });

  it('ends what the command left running', async () => {
    const { mark } = await startKept(options('sleep 600 & exit 0'));
    await ended();
    await waitFor('The end of the group', async () => !(await isGroupAlive(mark)));
    assert.equal((await exitOf(folder()))?.code, 0);
  });

  it('never signals a process that merely has the number', async () => {
    const other = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    try {
      await once(other, 'spawn');
      const mark = await processMark(Number(other.pid));
      assert.ok(mark);
      await startKept(options('exit 0'));
      await ended();
      const stale = { mark: { ...mark, started: '1' }, startedAtMs: 0 };
      await writeFile(join(folder(), 'kept.json'), JSON.stringify(stale));
      await endKept(folder(), { graceMs: 0 });
      assert.equal(await isAlive(mark), true);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('ends at its walltime and says why', async () => {
    await startKept(options(running, { walltimeSeconds: 1 }));
    await ended();
    const exit = await exitOf(folder());
    assert.deepEqual([exit?.code, exit?.because], [143, 'walltime']);
  });

  it('is killed a grace time after its walltime when it does not listen', async () => {
    const { mark } = await startKept(options(`trap "" TERM; ${running}`, { walltimeSeconds: 1, graceSeconds: 1 }));
    await ended();
    const exit = await exitOf(folder());
    assert.deepEqual([exit?.code, exit?.because], [137, 'walltime']);
    await waitFor('The end of the group', async () => !(await isGroupAlive(mark)));
  });

  it('keeps the log small, and its newest lines', async () => {
    const script = 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; echo up; exec sleep 600';
    await startKept(options(script, { logLimitBytes: 1000 }));
    await waitFor('The cut', async () => (await readdir(folder())).includes('log.old') && (await log()) === '');
    const old = await readFile(join(folder(), 'log.old'), 'utf8');
    assert.equal(old.length, 1000);
    assert.ok(old.endsWith('line 2999\nup\n'));
  });

  it('says that it does not know how a child ended that vanished with the shell around it', async () => {
    const { mark } = await startKept(options(running));
    await up();
    process.kill(-mark.pid, 'SIGKILL');
    await ended();
    assert.deepEqual(await exitOf(folder()), { code: undefined, atMs: undefined });
  });

  it('does not let a command go on whose shell was killed alone', async () => {
    const { mark } = await startKept(options(running));
    await up();
    process.kill(mark.pid, 'SIGKILL');
    await waitFor('The end of the group', async () => !(await isGroupAlive(mark)));
  });

  it('runs one child a folder at a time, and another after it', async () => {
    await startKept(options(running));
    await assert.rejects(startKept(options('exit 0')), { code: 'kept-running' });
    await endKept(folder(), { graceMs: 5000 });
    await startKept(options('exit 4'));
    await ended();
    assert.equal((await exitOf(folder()))?.code, 4);
  });

  it('refuses a command to be looked for, and a folder that is not there', async () => {
    await assert.rejects(startKept(options('', { command: 'sh' })), { code: 'kept-start-failed' });
    await assert.rejects(startKept(options('', { cwd: join(scratch(), 'absent') })), { code: 'kept-start-failed' });
  });

  it('keeps all of it from other users', async () => {
    await startKept(options('exit 0'));
    await ended();
    assert.equal((await stat(folder())).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder(), 'log'))).mode & 0o777, 0o600);
  });

  it('goes on when its starter is killed, and is adopted by the next', async () => {
    const program = join(scratch(), 'starter.mts');
    const kept = join(import.meta.dirname, '../../../../src/base/child/kept.ts');
    const script = 'echo up; while [ ! -e go ]; do sleep 0.05; done; echo late; exit 6';
    await writeFile(
      program,
      `import { startKept } from ${JSON.stringify(kept)};
       await startKept(JSON.parse(process.argv[2]));
       process.stdout.write('started');
       setTimeout(() => undefined, 60000);`,
    );
    const starter = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(options(script))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(starter.stdout, 'data');
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    await up();
    assert.ok(await adoptKept(folder()));
    await writeFile(join(scratch(), 'go'), '');
    await ended();
    assert.equal((await exitOf(folder()))?.code, 6);
    assert.match(await log(), /late\n/);
  });
});
