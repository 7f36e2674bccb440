import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { keptOf } from '../../../src/base/child/kept.js';
import { calls } from '../../../src/keeper/api.js';
import { ClusterRig, Home } from '../../rigs/cluster/clusterRig.js';
import { FrontEnd, printed } from '../../rigs/jupyter/frontEnd.js';

/** Keeps the workers and the kernel busy while somebody looks. */
const busy = `
import time
from dask.distributed import Client

client = Client()
result = sum(client.gather(client.map(lambda x: time.sleep(0.1) or x, range(60))))
`;

interface Listening {
  readonly address: string;
  readonly port: number;
}

describe('what listens while a cluster works', () => {
  let home: Home;
  let rig: ClusterRig;

  before(async () => {
    home = await Home.make();
    rig = await ClusterRig.make();
    await rig.addPool(2);
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
  });

  it('is the relay, the scheduler on 127.0.0.1 and the kernel on 127.0.0.1, and nothing of any worker', async () => {
    assert.ok(!(await readdir(rig.client.folder.path)).includes('jupyter'));
    const running = rig.run(busy);
    const { relay, scheduler, kernels } = await rig.when(({ tasks }) => tasks.processing > 0);
    const { path } = rig.client.folder;
    const of = (...place: string[]) => listeningOf([path, ...place].join('/'), place[0] !== 'keeper');
    const relayPort = Number(relay.address.split(':')[1]);
    assert.deepEqual(await of('relay'), [{ address: '127.0.0.1', port: relayPort }]);
    assert.deepEqual(await of('scheduler'), [{ address: '127.0.0.1', port: scheduler.httpPort }]);
    assert.deepEqual(await of('keeper'), []);
    assert.equal(kernels.length, 1);
    const kernel = await of('kernels', kernels[0]?.id ?? '');
    assert.deepEqual(
      kernel.map(({ address }) => address),
      ['127.0.0.1'],
    );
    for (const { job } of await rig.lives()) assert.deepEqual(await of('local', 'jobs', job ?? ''), []);
    assert.equal(await running, 1770);
  });

  it('is, once somebody has asked for it, the Jupyter server on 127.0.0.1, and of its kernels what ours listen on', async () => {
    const address = await rig.client.call(calls.startJupyter, {});
    const server = { address: '127.0.0.1', port: Number(new URL(address.url).port) };
    const folder = join(rig.client.folder.path, 'jupyter');
    assert.deepEqual(await listeningOf(folder, true), [server]);
    const frontEnd = new FrontEnd(address);
    try {
      await printed(await frontEnd.start(), 'print(1)');
      const others = (await listeningOf(folder, true)).filter(({ port }) => port !== server.port);
      // Jupyter's own way would be five ports more.
      assert.deepEqual(
        others.map(({ address: of }) => of),
        ['127.0.0.1'],
      );
    } finally {
      frontEnd.dispose();
    }
  });

  it("keeps the scheduler's pages to whoever has its token, or a browser's code, once", async () => {
    const { scheduler } = await rig.when(({ scheduler: { httpPort } }) => httpPort !== null);
    const origin = `http://127.0.0.1:${scheduler.httpPort}`;
    const status = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
      const answer = await request(`${origin}${path}`, { headers });
      await answer.body.dump();
      return answer.statusCode;
    };
    for (const path of ['/sitespan/state', '/status', '/json/identity.json', '/metrics', '/']) {
      assert.equal(await status(path), 401, path);
    }
    assert.equal(await status('/sitespan/state', { authorization: `Bearer ${'x'.repeat(32)}` }), 401);
    const { url } = await rig.client.call(calls.schedulerCode, {});
    const entered = await request(url);
    await entered.body.dump();
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    assert.equal(await status('/sitespan/state', { cookie }), 200);
    assert.equal(await status('/json/counts.json', { cookie }), 200);
    const again = await request(url);
    await again.body.dump();
    assert.equal(again.statusCode, 401);
  });
});

/**
 * Every TCP socket that a process of a kept child's group listens on.
 *
 * @param descendants whether those it has started count, too: of the keeper they are the other kept children
 */
async function listeningOf(folder: string, descendants: boolean): Promise<Listening[]> {
  const kept = await keptOf(folder);
  assert.ok(kept, `nothing was started in ${folder}`);
  const pids = familyOf(kept.mark.pid, descendants);
  const rows = execFileSync('ss', ['-H', '-ltnp'], { encoding: 'utf8' }).split('\n');
  return rows
    .filter((row) => [...row.matchAll(/pid=(\d+)/g)].some(([, pid]) => pids.has(Number(pid))))
    .map((row) => {
      const local = row.trim().split(/\s+/)[3] ?? '';
      const at = local.lastIndexOf(':');
      return { address: local.slice(0, at), port: Number(local.slice(at + 1)) };
    });
}

function familyOf(leader: number, descendants: boolean): Set<number> {
  const parents = new Map<number, { parent: number; group: number }>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), { parent: Number(parent), group: Number(group) });
    } catch {
      // It has ended meanwhile.
    }
  }
  const family = new Set([leader]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const [pid, { parent, group }] of parents) {
      if (group === leader || (descendants && family.has(parent))) family.add(pid);
    }
  }
  return family;
}
