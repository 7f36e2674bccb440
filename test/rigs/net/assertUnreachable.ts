import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { until } from '../../../src/base/waiting.js';
import { python } from '../cluster/clusterRig.js';
import type { WalledSite, WalledSites } from './walledSites.js';

const patienceMs = 60_000;

/** Listens at the site for a while, and says on which port; then whether anybody came. */
const listener = `
import socket, sys
server = socket.create_server((sys.argv[1], 0))
server.settimeout(5)
print(server.getsockname()[1], flush=True)
try:
    server.accept()
    print("somebody came")
except TimeoutError:
    print("nobody came")
`;

/** Of a site where nothing listens, and which drops a connection from the hub to somebody who does, for once. */
export async function assertUnreachable(net: WalledSites, site: WalledSite): Promise<void> {
  const sockets = await inside(site, 'cat', '/proc/net/tcp', '/proc/net/tcp6');
  // State 0A is LISTEN.
  assert.doesNotMatch(sockets.stdout, /^ *\d+: \S+ \S+ 0A /m, `something listens at ${site.name}`);
  const folder = await mkdtemp(join(tmpdir(), 'sitespan-listener-'));
  const file = join(folder, 'said');
  const said = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
  try {
    const script = 'exec "$1" -c "$2" "$3" > "$4"';
    const listening = inside(site, 'sh', '-c', script, 'listener', python, listener, site.address, file);
    await until(async () => /^\d+\n/.test(await said()), { timeoutMs: patienceMs, what: 'The port of the listener' });
    const before = net.dropped(site);
    const socket = connect(Number((await said()).split('\n')[0]), site.address).on('error', () => undefined);
    assert.equal((await listening).exitCode, 0);
    socket.destroy();
    assert.match(await said(), /nobody came/);
    assert.ok(net.dropped(site) > before, `${site.name} has dropped nothing`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function inside(site: WalledSite, ...what: string[]) {
  const [command = '', ...enter] = site.enter;
  return runLeashed({ command, args: [...enter, ...what], timeoutMs: patienceMs });
}
