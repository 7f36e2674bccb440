// Programs of the system that tests call: on Debian, root gets what is missing; anybody else is told the command.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure, failureOf } from './failure.mjs';
import { run } from './run.mjs';

/**
 * Program → its Debian package. Networks behind firewalls and containers are built by the integration tests, on Linux; and a
 * relay is deployed over a real ssh, its unit read by systemd's own reader.
 */
const always = { openssl: 'openssl', ps: 'procps' };
const forDeploying = { ssh: 'openssh-client', sshd: 'openssh-server', 'systemd-analyze': 'systemd' };
const forSites = { ip: 'iproute2', nft: 'nftables', bwrap: 'bubblewrap', ...forDeploying };

export async function requireSystemTools(sites) {
  const needed = { ...always, ...(sites && process.platform === 'linux' ? forSites : {}) };
  const missing = Object.keys(needed).filter((program) => !isThere(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => needed[program]);
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0 || !isDebian()) {
    throw new Failure(
      `The tests need ${missing.join(' and ')}; install them (Debian, Ubuntu: sudo ${install.join(' ')}) and run the same command again.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const [command, ...args] of [['apt-get', 'update'], install]) {
    const { code, output } = await run(command, args, { env });
    if (code === 0) continue;
    throw failureOf({
      what: `Installing ${packages.join(', ')} with apt-get`,
      server: "Debian's package server",
      hint: '/etc/apt/sources.list',
      output,
      code,
    });
  }
  console.log(`setup: installed ${packages.join(', ')}`);
}

/** Debian keeps some of them in /usr/sbin, which is not on an ordinary user's PATH. */
function isThere(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function isDebian() {
  return (
    existsSync('/etc/os-release') && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
  );
}
