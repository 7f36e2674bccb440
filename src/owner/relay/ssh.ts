import { runLeashed } from '../../base/child/leashed.js';
import { SitespanError } from '../../base/errors.js';
import { childEnvironment } from '../../environment/childEnvironment.js';

/** A computer as ssh knows it. */
export interface SshHost {
  /** `host`, `user@host`, or a name of the ssh configuration. */
  readonly host: string;
  /** Another configuration than ~/.ssh/config. */
  readonly config?: string | undefined;
}

/** What is done on another computer. */
export type Remote = Pick<Ssh, 'host' | 'run' | 'put'>;

const callMs = 120_000;
const connectSeconds = 20;

/** Whether ssh can be given this as a host: nothing that it, or a shell, would take for more than a name. */
export function isSshHost(text: string): boolean {
  return /^([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(text);
}

/**
 * Another computer, reached by the system's own ssh, with its configuration and agents.
 *
 * BatchMode: ssh asks nothing, since several connections are made and nobody may be there to answer; so the host must be known
 * and the key without a passphrase or in an agent.
 */
export class Ssh {
  /** @throws SitespanError `ssh-host` */
  constructor(private readonly to: SshHost) {
    if (isSshHost(to.host)) return;
    throw new SitespanError('ssh-host', `${JSON.stringify(to.host)} is no host for ssh: that is HOST or USER@HOST.`);
  }

  get host(): string {
    return this.to.host;
  }

  /**
   * Runs a POSIX shell script there, in the home.
   *
   * @param script ours, never made of what somebody has typed; without `'`, `!` and line ends, so that it means the same to
   *   every login shell
   * @param input what the script reads
   * @returns what it printed
   * @throws SitespanError `ssh-failed` where ssh does not get there, `ssh-command-failed` for a script that fails; as `runLeashed`
   */
  async run(script: string, input: string | Uint8Array = '', signal?: AbortSignal): Promise<string> {
    if (/['!\n]/.test(script)) throw new Error('The script cannot be said to every shell.');
    const { host, config } = this.to;
    const options = ['-o', 'BatchMode=yes', '-o', `ConnectTimeout=${connectSeconds}`, '-T'];
    const file = config === undefined ? [] : ['-F', config];
    const { exitCode, stdout, stderr } = await runLeashed({
      command: 'ssh',
      args: [...options, ...file, '--', host, `/bin/sh -c 'cd; ${script}'`],
      env: childEnvironment(),
      ...{ input, timeoutMs: callMs, signal },
    });
    if (exitCode === 0) return stdout;
    const said = stderr.trim().split('\n').at(-1)?.trim() ?? '';
    if (exitCode === 127 && stdout === '' && /\bssh: not found/.test(stderr)) {
      throw new SitespanError('ssh-failed', 'This computer has no ssh; install OpenSSH (Debian: openssh-client).');
    }
    if (exitCode === 255) throw sshFailed(host, stderr, said);
    throw new SitespanError(
      'ssh-command-failed',
      `What was to be done on ${host} over ssh failed with exit code ${exitCode}${said === '' ? '' : `: ${said}`}`,
    );
  }

  /**
   * Puts a file there, whole or not at all.
   *
   * @param path ours, from the home on; folders on the way are made for its user alone
   * @param mode octal digits
   */
  async put(path: string, content: Uint8Array, mode: '600' | '644', signal?: AbortSignal): Promise<void> {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const fresh = `${path}.new`;
    // Counted: a connection that is cut looks like the end of the file.
    const whole = `[ "$(wc -c < ${fresh})" -eq ${content.length} ]`;
    await this.run(
      `set -e; umask 077; mkdir -p ${folder}; cat > ${fresh}; ${whole}; chmod ${mode} ${fresh}; mv -f ${fresh} ${path}`,
      content,
      signal,
    );
  }
}

function sshFailed(host: string, stderr: string, said: string): SitespanError {
  const known = reasons.find(([pattern]) => pattern.test(stderr));
  const why = known?.[1] ?? (said === '' ? 'it said nothing' : said);
  return new SitespanError(
    'ssh-failed',
    `ssh cannot log in to ${host} from this computer: ${why} Try "ssh ${host} true" until it asks nothing and says nothing.`,
  );
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /Permission denied/,
    'it would have to ask for a password or passphrase, or the key is not accepted; put a key into the agent (ssh-add).',
  ],
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION/,
    'its host key is not known yet, or is another than it was; log in once by hand and compare.',
  ],
  [/Could not resolve hostname/, 'no computer has that name.'],
  [/Connection refused/, 'the connection is refused; see that sshd runs there.'],
  [/timed out/i, 'it does not answer; see that it runs, and that you may reach its ssh port from here.'],
];
