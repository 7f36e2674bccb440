import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '../../../src/base/waiting.js';

/** A port of this computer that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server without a port');
  server.close();
  await once(server, 'close');
  return address.port;
}

/**
 * Another computer, as far as ssh can tell: a real sshd on a port of this one, with keys of its own and a home that is empty.
 *
 * Its `systemctl` and `loginctl` are stand-ins, since no systemd runs in a container (test/rigs/relay).
 */
export class SshHost {
  /** What ssh calls it. */
  readonly name = 'relay-host';
  private constructor(
    private readonly folder: string,
    readonly home: string,
    /** For `ssh -F`. */
    readonly config: string,
    private readonly sshd: ChildProcess,
  ) {}

  static async start(): Promise<SshHost> {
    const folder = mkdtempSync(join(tmpdir(), 'sitespan-ssh-'));
    const path = (name: string): string => join(folder, name);
    const [home, bin] = [path('home'), path('bin')];
    mkdirSync(home, { mode: 0o700 });
    mkdirSync(bin);
    for (const name of ['systemctl', 'loginctl']) {
      copyFileSync(join(import.meta.dirname, name), join(bin, name));
      chmodSync(join(bin, name), 0o755);
    }
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path(name)]);
    }
    const port = await freePort();
    const [hostKey = ''] = [readFileSync(path('host.pub'), 'utf8')];
    writeFileSync(path('known_hosts'), `[127.0.0.1]:${port} ${hostKey}`);
    writeFileSync(path('authorized_keys'), readFileSync(path('user.pub')), { mode: 0o600 });
    const search = [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
    writeFileSync(
      path('sshd_config'),
      [
        ...[`ListenAddress 127.0.0.1`, `Port ${port}`, `HostKey ${path('host')}`, 'PidFile none', 'UsePAM no'],
        ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password'],
        ...[`AuthorizedKeysFile ${path('authorized_keys')}`, 'StrictModes no'],
        `SetEnv HOME=${home} PATH=${search}`,
      ].join('\n'),
    );
    writeFileSync(
      path('config'),
      [
        ...['Host relay-host', 'HostName 127.0.0.1', `Port ${port}`, `User ${userInfo().username}`],
        ...[`IdentityFile ${path('user')}`, 'IdentitiesOnly yes', 'IdentityAgent none'],
        ...[`UserKnownHostsFile ${path('known_hosts')}`, 'StrictHostKeyChecking yes', 'GlobalKnownHostsFile none'],
      ].join('\n'),
    );
    // Where root runs it, it wants this folder, which the system's own start makes.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path('sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    sshd.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const host = new SshHost(folder, home, path('config'), sshd);
    try {
      await until(
        () => {
          if (sshd.exitCode !== null) throw new Error(`sshd ended: ${said}`);
          return said.includes('Server listening');
        },
        { timeoutMs: 20_000, what: 'sshd' },
      );
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  /** A file of its home. */
  path(...names: readonly string[]): string {
    return join(this.home, ...names);
  }

  /** A configuration for ssh that differs in some lines. */
  otherConfig(name: string, change: (text: string) => string): string {
    const file = join(this.folder, name);
    writeFileSync(file, change(readFileSync(this.config, 'utf8')));
    return file;
  }

  /** Of the relay that its systemctl has started. */
  relayPid(): number {
    return Number(readFileSync(this.path('.relay.pid'), 'utf8'));
  }

  systemctl(verb: string): void {
    execFileSync(join(this.folder, 'bin', 'systemctl'), ['--user', verb, 'sitespan-relay.service'], {
      env: { ...process.env, HOME: this.home },
    });
  }

  async close(): Promise<void> {
    this.systemctl('stop');
    if (this.sshd.exitCode === null && this.sshd.signalCode === null) {
      const ended = once(this.sshd, 'exit');
      this.sshd.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
