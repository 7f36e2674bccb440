import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type LeashedResult, runLeashed } from '../../../src/base/child/leashed.js';
import { root } from '../cluster/clusterRig.js';

/**
 * A login node: own processes, mounts, host name and network, an own /tmp; the rest of the disk is shared (root and Linux only).
 *
 * Its first process is a shell that ends when its standard input does, so the node and all in it end with us.
 */
export class LoginNode {
  private constructor(
    private readonly shell: ChildProcess,
    private readonly first: number,
    private readonly home: string,
  ) {}

  /** @param home a folder not under /tmp: each node has its own there */
  static async make(host: string, home: string): Promise<LoginNode> {
    const program = `
set -e
mount --make-rprivate /
case "$2" in /tmp/*) mkdir -p "$1/.checkout"; mount --bind "$2" "$1/.checkout";; esac
mount -t tmpfs -o mode=1777 tmpfs /tmp
case "$2" in /tmp/*) mkdir -p "$2"; mount --bind "$1/.checkout" "$2";; esac
printf %s "$3" >/proc/sys/kernel/hostname
ip link set lo up
echo ready
read -r _
`;
    const namespaces = ['--mount', '--uts', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const shell = spawn('unshare', [...namespaces, 'sh', '-c', program, 'node', home, root, host], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    });
    const ended = once(shell, 'exit').then(() => {
      throw new Error(`the node ${host} could not be made`);
    });
    await Promise.race([once(shell.stdout, 'data'), ended]);
    ended.catch(() => undefined);
    const children = await readFile(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8');
    return new LoginNode(shell, Number(children.trim().split(' ')[0]), home);
  }

  /** Runs a command in the node, with the shared home and nothing of this process's environment. */
  run(
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
    timeoutMs = 110_000,
  ): Promise<LeashedResult> {
    const all = { PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin`, HOME: this.home, ...env };
    const variables = Object.entries(all).map(([name, value]) => `${name}=${value}`);
    const enter = ['-t', String(this.first), '-m', '-u', '-n', '-p', '--', '/usr/bin/env', '-i'];
    return runLeashed({ command: 'nsenter', args: [...enter, ...variables, ...command], timeoutMs });
  }

  /** The program that users have. */
  cli(...args: string[]): Promise<LeashedResult> {
    return this.run([process.execPath, `${root}/dist/cli.mjs`, ...args]);
  }

  /** One of the programs beside this file, to its end. @returns what it printed as JSON */
  async ask(
    program: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const command = [process.execPath, '--import', `${root}/node_modules/tsx/dist/loader.mjs`];
    const done = await this.run([...command, `${root}/test/rigs/nodes/${program}.ts`, ...args], env);
    if (done.exitCode !== 0) throw new Error(`${program} ended with ${done.exitCode}: ${done.stderr}${done.stdout}`);
    return JSON.parse(done.stdout);
  }

  async rename(host: string): Promise<void> {
    // hostname(1) refuses what the kernel, and so a careless administrator, does not.
    const done = await this.run(['sh', '-c', 'printf %s "$1" >/proc/sys/kernel/hostname', 'sh', host]);
    if (done.exitCode !== 0) throw new Error(done.stderr);
  }

  /** Command lines of all that runs there, but for what looks. */
  async processes(): Promise<string[]> {
    const { stdout } = await this.run(['ps', '-ww', '-eo', 'args=']);
    return stdout.split('\n').filter((line) => line.includes('sitespan') && !line.includes(' node '));
  }

  async dispose(): Promise<void> {
    if (this.shell.exitCode !== null || this.shell.signalCode !== null) return;
    const ended = once(this.shell, 'exit');
    this.shell.stdin?.end();
    await ended;
  }
}
