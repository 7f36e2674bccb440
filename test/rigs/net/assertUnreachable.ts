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

/** Listens at the site, and says on which port; then, if ever, that somebody came. */
const listener = `
import socket, sys
server = socket.create_server((sys.argv[1], 0))
print(server.getsockname()[1], flush=True)
server.accept()
print("somebody came", flush=True)
`;

/** Of a site where nothing listens, and which drops a connection from the hub to somebody who does, for once. */
export async function assertUnreachable(net: WalledSites, site: WalledSite): Promise<void> {
  const sockets = await runInside(site, ['cat', '/proc/net/tcp', '/proc/net/tcp6']);
  // State 0A is LISTEN.
  assert.doesNotMatch(sockets.stdout, /^ *\d+: \S+ \S+ 0A /m, `something listens at ${site.name}`);
  const folder = await mkdtemp(join(tmpdir(), 'sitespan-listener-'));
  const file = join(folder, 'said');
  const said = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const over = new AbortController();
  const script = 'exec "$1" -c "$2" "$3" > "$4"';
  const listening = runInside(
    site,
    ['sh', '-c', script, 'listener', python, listener, site.address, file],
    over.signal,
  );
  const ended = listening.catch(() => undefined);
  try {
    await until(async () => /^\d+\n/.test(await said()), { timeoutMs: patienceMs, what: 'The port of the listener' });
    const before = net.dropped(site);
    const socket = connect(Number((await said()).split('\n')[0]), site.address).on('error', () => undefined);
    try {
      await until(() => net.dropped(site) > before, { timeoutMs: patienceMs, what: `A drop at ${site.name}` });
    } finally {
      socket.destroy();
    }
    assert.doesNotMatch(await said(), /somebody came/);
  } finally {
    over.abort();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

function runInside(site: WalledSite, what: readonly string[], signal?: AbortSignal) {
  const [command = '', ...enter] = site.enter;
  return runLeashed({ command, args: [...enter, ...what], timeoutMs: patienceMs, signal });
}
