import type { Deployment } from './deployment.js';
import { relayFiles, relayUnitName } from './relayUnit.js';

/** What a colleague needs to use a relay; the key itself is handed over apart. */
export interface RelayInvitation {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** File with the authority on the reader's computer; undefined where the system's trust is meant. */
  readonly authority: string | undefined;
  /** File with the key on the reader's computer. */
  readonly keyFile: string;
}

/** A path as one word of a shell. */
function word(path: string): string {
  return /^[\w@%+=:,./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** How a relay is used from a terminal, and in VS Code. */
export function invitationLines({ address, port, user, authority, keyFile }: RelayInvitation): readonly string[] {
  const ca = authority === undefined ? '' : ` --relay-ca ${word(authority)}`;
  const known = authority === undefined ? '' : `, authority ${authority}`;
  return [
    `terminal:  sitespan up NAME --relay ${address}:${port} --tenant ${user} --relay-key ${word(keyFile)}${ca}`,
    `VS Code:   Sitespan: Set Relay… with address ${address}:${port}, name ${user}, the key in ${keyFile}${known}`,
  ];
}

/** The same as a command that tries it. */
export function checkLine({ address, port, user, authority, keyFile }: RelayInvitation): string {
  const ca = authority === undefined ? '' : ` --relay-ca ${word(authority)}`;
  return `sitespan relay check ${address}:${port} --tenant ${user} --relay-key ${word(keyFile)}${ca}`;
}

export function invitationOf(deployment: Deployment): RelayInvitation {
  const { address, port, user, authority, userKeyFile: keyFile } = deployment;
  return { address, port, user, authority, keyFile };
}

/**
 * What is to be done so that a relay runs on its host, as a page to read, to follow by hand, or to hand over. There is no secret
 * in it: it names the files that hold them.
 *
 * @param program our program on this computer, one file
 */
export function deploymentPage(deployment: Deployment, program: string): string {
  const { host, address, port, folder } = deployment;
  const to = (path: string): string => `${host}:${path}`;
  const { program: there, certificate, key, tenants, unit } = relayFiles;
  return `# A relay on ${host}, for ${address}:${port}

It runs as an ordinary user, as a systemd unit of that user. Everything it needs was made in \`${folder}\` (mode 0700) on the computer on which this page was written; nothing was done on ${host} yet.
\`sitespan relay deploy ${host} --over-ssh\` does steps 2 to 4 and 6 by itself, and again it brings what has changed.

## 1. Node on ${host}
Node 20.19 or newer: the package \`nodejs\` where the distribution's is new enough (Debian 13 has 20), else a tarball from https://nodejs.org/dist/ unpacked as \`~/.local/node\`; no root is needed. The unit starts \`/usr/bin/node\`: write another path into its \`ExecStart=\` where Node lies elsewhere.

## 2. Files
\`\`\`
ssh ${host} 'umask 077; mkdir -p .local/share/sitespan-relay .config/systemd/user'
scp ${word(program)} ${to(there)}
scp ${word(deployment.certificateFile)} ${to(certificate)}
scp -p ${word(deployment.keyFile)} ${to(key)}
scp -p ${word(deployment.tenantsFile)} ${to(tenants)}     # the first time only: it holds the users' keys
scp ${word(deployment.unitFile)} ${to(unit)}
ssh ${host} 'chmod 600 ${key} ${tenants}'
\`\`\`
| file | what |
| --- | --- |
| \`${there}\` | Sitespan in one file; of it only \`relay\` is used here |
| \`${certificate}\`, \`${key}\` | ${certificateWords(deployment)} The key is mode 0600. A renewed pair is taken up by the running relay |
| \`${tenants}\` | who may use it, and their keys; mode 0600. A changed file is taken up by the running relay |
| \`${unit}\` | keeps it running |

## 3. Start
\`\`\`
ssh ${host} loginctl enable-linger        # it goes on after logging out; where that is refused, root does it for the user
ssh ${host} systemctl --user daemon-reload
ssh ${host} systemctl --user enable --now ${relayUnitName}
\`\`\`
Its log: \`journalctl --user --unit ${relayUnitName}\` on ${host}.

## 4. Firewall
Inbound TCP ${port} to ${host}, from everywhere that workers and colleagues are; nothing else, and ssh for you.
${port < 1024 ? `\nPorts below 1024 are root's: once, \`sysctl -w net.ipv4.ip_unprivileged_port_start=${port}\` (and the same in \`/etc/sysctl.d/\`), or a redirection of ${port} to another port.\n` : ''}
## 5. Users
\`\`\`
sitespan relay user add ALICE --host ${host} --out alice.user-key     # here
sitespan relay user remove ALICE --host ${host}
\`\`\`
or on ${host}: \`node ${there} relay user add ALICE --tenants ${tenants}\`.

## 6. From outside
\`\`\`
${checkLine(invitationOf(deployment))}
\`\`\`

## 7. What a colleague needs
The key of their own, on a way that others cannot read${deployment.authority === undefined ? '' : `; the authority \`${deployment.authority}\` (no secret)`}; and:
\`\`\`
${invitationLines(invitationOf(deployment)).join('\n')}
\`\`\`
`;
}

function certificateWords({ certificate, address, folder }: Deployment): string {
  return certificate === 'own'
    ? `for ${address}, for a year, signed by an authority of yours (\`${folder}/authority.key\` stays on your computer).`
    : `for ${address}, as it was given. Where certbot renews one on the host, a deploy hook copies it there.`;
}
