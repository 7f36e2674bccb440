import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import { type ClusterSnapshot, calls } from '../keeper/api.js';
import { KeeperClient } from '../keeper/client.js';
import { findCluster, listClusters } from '../keeper/clusters.js';
import { liveLines } from './liveView.js';
import { table } from './table.js';

const endSeconds = 40;

/** `sitespan list`: every cluster of this user on this computer. */
export async function runList(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { json: { type: 'boolean' } } });
  const snapshots: ClusterSnapshot[] = [];
  for (const folder of await listClusters()) snapshots.push(await withClient(basename(folder.path), stateOf));
  if (values.json) print(JSON.stringify(snapshots, null, 2));
  else if (snapshots.length === 0) print('There are no clusters on this computer.');
  else {
    const rows = snapshots.map(({ name, phase, sites, pools }) => [
      name,
      phase,
      `${sites.reduce((sum, { lives }) => sum + (lives.working ?? 0), 0)}/${pools.reduce((sum, { desired }) => sum + desired, 0)}`,
      sites.map(({ site }) => site).join(', '),
    ]);
    for (const line of table([['cluster', 'state', 'workers', 'sites'], ...rows], ['left', 'left', 'right', 'left']))
      print(line);
  }
  return 0;
}

/** `sitespan status NAME`: one cluster as it is now. */
export async function runStatus(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const snapshot = await withClient(onlyName(positionals, 'sitespan status NAME [--json]'), stateOf);
  if (values.json) print(JSON.stringify(snapshot, null, 2));
  else for (const line of liveLines(snapshot, {})) print(line);
  return 0;
}

/** `sitespan down NAME`: ends a cluster and everything of it. */
export async function runDown(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...argv], options: {}, allowPositionals: true });
  const name = onlyName(positionals, 'sitespan down NAME');
  await withClient(name, async (client) => {
    await client.call(calls.closeCluster, {});
    await until(() => client.hasEnded(), { timeoutMs: endSeconds * 1000, what: `The end of cluster ${name}` });
  });
  print(`The cluster ${name} has ended.`);
  return 0;
}

function stateOf(client: KeeperClient): Promise<ClusterSnapshot> {
  return client.call(calls.clusterState, {});
}

async function withClient<T>(name: string, work: (client: KeeperClient) => Promise<T>): Promise<T> {
  const client = await KeeperClient.connect(await findCluster(name), (error) => {
    throw error;
  });
  try {
    return await work(client);
  } finally {
    client.dispose();
  }
}

function onlyName(positionals: readonly string[], usage: string): string {
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new SitespanError('usage', usage);
  return name;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
