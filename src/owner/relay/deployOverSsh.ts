import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SitespanError } from '../../base/errors.js';
import { writeAtomically } from '../../base/writeAtomically.js';
import { parseTenants, tenantsText } from '../../relay/tenantsFile.js';
import type { Deployment } from './deployment.js';
import { relayFiles, relayUnit, relayUnitName } from './relayUnit.js';
import type { TenantsPlace } from './relayUsers.js';
import type { Remote } from './ssh.js';

export interface DeployOptions {
  /** Our program on this computer, one file. */
  readonly program: string;
  /** Whether a certificate that another authority signed is replaced. */
  readonly replace?: boolean | undefined;
  /** Told of each step when it is done. */
  readonly progress: (sentence: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What its host is like, and what of ours lies there already. */
interface Survey {
  readonly system: string;
  readonly user: string;
  /** Each Node that was found: path and version. */
  readonly nodes: readonly { readonly path: string; readonly version: string }[];
  /** Path from the home on → SHA-256 of what is in it. */
  readonly files: ReadonlyMap<string, string>;
}

const oldestNode = [20, 19] as const;

/**
 * Puts a prepared relay on its host and keeps it running there, all over ssh, as an ordinary user. What is there and good stays:
 * the second time only what has changed is put there, and the tenants file, with everybody's keys, is never overwritten.
 *
 * @returns whether the relay was started anew; a changed certificate or user is taken up by the one that runs
 * @throws SitespanError before anything is put: `relay-host-system`, `relay-host-node`, `relay-other-authority`, `relay-user-key`;
 *   `relay-host-systemd`; as `Ssh`
 */
export async function deployOverSsh(deployment: Deployment, ssh: Remote, options: DeployOptions): Promise<boolean> {
  const { progress, signal } = options;
  const survey = await look(ssh, signal);
  const node = fittingNode(survey, ssh.host);
  progress(`${ssh.host}: user ${survey.user}, Node ${node.version} at ${node.path}`);

  if (options.replace !== true && !deployment.certificateGivenNow)
    await checkAuthority(deployment, ssh, survey, signal);
  // Before all that a running relay takes up: who is refused here has changed nothing.
  progress(await users(deployment, ssh, survey, signal));

  const put = async (what: string, path: string, content: Uint8Array, mode: '600' | '644'): Promise<boolean> => {
    if (survey.files.get(path) === sha256(content)) {
      progress(`${what}: as it was`);
      return false;
    }
    await ssh.put(path, content, mode, signal);
    progress(`${what}: ${survey.files.has(path) ? 'replaced' : 'put'} in ~/${path}`);
    return true;
  };
  const unit = relayUnit(node.path, deployment.port);
  await writeAtomically(deployment.unitFile, unit, 0o644);
  const program = await readFile(options.program);
  const newProgram = await put('program', relayFiles.program, program, '644');
  if (deployment.certificate === 'own' || deployment.certificateGivenNow || !survey.files.has(relayFiles.certificate)) {
    // The key first: while the two do not fit, the relay goes on with the pair that it has.
    await put("certificate's key", relayFiles.key, await readFile(deployment.keyFile), '600');
    await put('certificate', relayFiles.certificate, await readFile(deployment.certificateFile), '644');
  } else {
    progress(`certificate: the one on ${ssh.host} stays`);
  }
  const newUnit = await put('systemd unit', relayFiles.unit, Buffer.from(unit), '644');
  const started = Buffer.from(`${sha256(program)} ${sha256(unit)}\n`);
  const anew = newProgram || newUnit || survey.files.get(relayFiles.started) !== sha256(started);
  await keepRunning(ssh, anew, options);
  if (anew) await ssh.put(relayFiles.started, started, '600', signal);
  return anew;
}

/** The tenants file of the relay that was deployed on a host; reading throws SitespanError `relay-not-deployed` where none was. */
export function tenantsOverSsh(ssh: Remote, signal?: AbortSignal): TenantsPlace {
  const path = relayFiles.tenants;
  return {
    where: `~/${path} on ${ssh.host}`,
    read: async () => {
      const text = await ssh.run(`if [ -f ${path} ]; then cat ${path}; fi`, '', signal);
      if (text !== '') return text;
      throw new SitespanError(
        'relay-not-deployed',
        `This user of ${ssh.host} has no relay there (~/${path} is missing); deploy one first: sitespan relay deploy ${ssh.host} --over-ssh`,
      );
    },
    write: (text) => ssh.put(path, Buffer.from(text), '600', signal),
    // Two owners that change it from two computers in the same second are not kept apart.
    alone: (work) => work(),
  };
}

/** Whether systemd says on its host that the relay runs. */
export async function isActive(ssh: Remote, signal?: AbortSignal): Promise<boolean> {
  const said = await ssh.run(`${runtime}; systemctl --user is-active ${relayUnitName} || true`, '', signal);
  return said.trim() === 'active';
}

async function look(ssh: Remote, signal: AbortSignal | undefined): Promise<Survey> {
  // A shell that nobody logs in to may not have on its PATH what its user has.
  const nodes = [
    '"$(command -v node)"',
    ...['.local/bin/node', '.local/node/bin/node', '.nvm/versions/node/*/bin/node'].map((path) => `"$HOME"/${path}`),
    ...['/usr/local/bin/node', '/usr/bin/node'],
  ].join(' ');
  const said = await ssh.run(
    [
      'echo "system $(uname -s)"; echo "user $(id -un)"',
      `for n in ${nodes}; do if [ -x "$n" ]; then echo "node $n $("$n" --version 2>/dev/null)"; fi; done`,
      `for f in ${Object.values(relayFiles).join(' ')}; do if [ -f $f ]; then echo "file $f $(sha256sum < $f)"; fi; done`,
    ].join('; '),
    '',
    signal,
  );
  const words = said.split('\n').map((line) => line.split(/\s+/));
  const of = (kind: string): string[][] => words.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  return {
    system: of('system')[0]?.[0] ?? '',
    user: of('user')[0]?.[0] ?? '',
    nodes: of('node').map(([path = '', version = '']) => ({ path, version: version.replace(/^v/, '') })),
    files: new Map(of('file').map(([path = '', hash = '']) => [path, hash])),
  };
}

function fittingNode({ system, nodes }: Survey, host: string): Survey['nodes'][number] {
  if (system !== 'Linux') {
    throw new SitespanError(
      'relay-host-system',
      `${host} is no Linux computer (${system || 'it did not say what'}); a relay is kept running by systemd there.`,
    );
  }
  const fitting = nodes.find(({ version }) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  });
  if (fitting !== undefined) return fitting;
  const found = nodes.length === 0 ? 'has no Node' : `has only Node ${nodes.map(({ version }) => version).join(', ')}`;
  throw new SitespanError(
    'relay-host-node',
    `${host} ${found}, and the relay needs ${oldestNode.join('.')} or newer; unpack one from https://nodejs.org/dist/ as ~/.local/node there (no root is needed), or install the package nodejs where it is new enough.`,
  );
}

/** Whoever pins the authority of a relay that is there could not reach it any more if another signed its certificate. */
async function checkAuthority(
  { certificate, authority }: Deployment,
  ssh: Remote,
  { files }: Survey,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (certificate !== 'own' || authority === undefined || !files.has(relayFiles.certificate)) return;
  const there = await ssh.run(`cat ${relayFiles.certificate}`, '', signal);
  if (isSignedBy(there, await readFile(authority, 'utf8'))) return;
  throw new SitespanError(
    'relay-other-authority',
    `The relay on ${ssh.host} has a certificate that ${authority} did not sign, as when it was deployed from another computer or for another --address, and all who use it would be locked out with another; deploy as it was done before, or give --replace and tell everybody the new authority.`,
  );
}

function isSignedBy(certificate: string, authority: string): boolean {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Everybody's keys are there, and stay; only the first user is added where it is not. @returns what to say */
async function users(
  deployment: Deployment,
  ssh: Remote,
  survey: Survey,
  signal: AbortSignal | undefined,
): Promise<string> {
  const place = tenantsOverSsh(ssh, signal);
  const own = parseTenants(await readFile(deployment.tenantsFile, 'utf8'), deployment.tenantsFile);
  if (!survey.files.has(relayFiles.tenants)) {
    await place.write(tenantsText(own));
    return `users: ${deployment.user}, in ${place.where}`;
  }
  const there = parseTenants(await place.read(), place.where);
  const key = own[deployment.user];
  const known = Object.hasOwn(there, deployment.user) ? there[deployment.user] : undefined;
  if (known === undefined && key !== undefined) {
    await place.write(tenantsText({ ...there, [deployment.user]: key }));
    return `users: ${deployment.user} added, the others as they were`;
  }
  if (known === key) return 'users: as they were';
  throw new SitespanError(
    'relay-user-key',
    `The relay on ${ssh.host} knows ${deployment.user} by another key than ${deployment.userKeyFile}; copy that key from the computer that deployed it, or choose another name with --user.`,
  );
}

/** Where a user's systemd listens, also for a shell that no login made. */
const runtime = `export XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"`;

async function keepRunning(ssh: Remote, anew: boolean, { progress, signal }: DeployOptions): Promise<void> {
  const lingers = await ssh.run('if loginctl enable-linger 2>&1; then echo lingers; fi', '', signal);
  if (!/^lingers$/m.test(lingers)) {
    const why = lingers.trim().split('\n').at(-1) ?? '';
    progress(`! ${ssh.host} ends the relay when its user logs out (${why}); ask root for: loginctl enable-linger USER`);
  }
  const verb = anew ? 'restart' : 'start';
  try {
    await ssh.run(
      `${runtime}; set -e; systemctl --user daemon-reload; systemctl --user enable ${relayUnitName}; systemctl --user ${verb} ${relayUnitName}`,
      '',
      signal,
    );
  } catch (error) {
    if (!SitespanError.is(error, 'ssh-command-failed')) throw error;
    throw new SitespanError(
      'relay-host-systemd',
      `Everything is in place on ${ssh.host}, but its systemd did not start the relay for this user (${error.message}); start there by other means what stands behind ExecStart= in ~/${relayFiles.unit}, with the home for %h.`,
      { cause: error },
    );
  }
  progress(anew ? 'relay: started' : 'relay: runs, and takes up what has changed');
}
