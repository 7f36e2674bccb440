import { basename } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { type ClusterSnapshot, calls } from '../keeper/api.js';
import { KeeperClient } from '../keeper/client.js';
import { listClusters } from '../keeper/clusters.js';
import { countCluster, workersOfWished } from '../owner/counted.js';
import { eventRate } from '../owner/units.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { listHelp } from './help/clusterHelp.js';
import { print } from './print.js';
import { phaseIn } from './statusLines.js';
import { table } from './table.js';
import { untilStopped } from './untilStopped.js';

type Folder = Awaited<ReturnType<typeof listClusters>>[number];

/** A cluster as its keeper tells it, or why it cannot be asked. */
interface Listed {
  readonly name: string;
  readonly snapshot?: ClusterSnapshot;
  readonly trouble?: SitespanError;
}

/** `sitespan list`: every cluster of this user on this computer; one that is damaged does not hide the others. */
export function runList(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('list', listHelp, argv);
  if (given.words.length > 0) throw given.wrong();
  return untilStopped(async (signal) => {
    const listed = await Promise.all((await listClusters()).map((folder) => look(folder, signal)));
    if (given.has('--json')) print(JSON.stringify(listed.map(asJson), null, 2));
    else show(listed);
    return 0;
  });
}

async function look(folder: Folder, signal: AbortSignal): Promise<Listed> {
  const name = basename(folder.path);
  try {
    const client = await KeeperClient.connect(folder, () => undefined, signal);
    try {
      return { name, snapshot: await client.call(calls.clusterState, {}, signal) };
    } finally {
      client.dispose();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!SitespanError.is(error)) throw error;
    return { name, trouble: error };
  }
}

function show(listed: readonly Listed[]): void {
  if (listed.length === 0) {
    print('There are no clusters on this computer; make one with: sitespan up NAME');
    return;
  }
  const colours = coloursOf(process.stdout);
  const rows = listed.map(({ name, snapshot }) =>
    snapshot === undefined
      ? [name, colours.bad('trouble'), '', '', '']
      : [
          name,
          phaseIn(snapshot.phase, colours),
          workersOfWished(countCluster(snapshot)),
          eventRate(snapshot.total.eventsPerSecond),
          snapshot.sites.map(({ site }) => site).join(', '),
        ],
  );
  const head = ['cluster', 'state', 'workers', 'events/s', 'sites'];
  for (const line of table([head, ...rows], ['left', 'left', 'right', 'right', 'left'])) print(line);
  for (const { name, snapshot, trouble } of listed) {
    for (const sentence of [trouble?.message ?? [], (snapshot?.problems ?? []).map(({ message }) => message)].flat()) {
      print(`${colours.bad('!')} ${name}: ${sentence}`);
    }
  }
}

/** Of one that cannot be asked: its name and why. */
function asJson({ name, snapshot, trouble }: Listed): object {
  return snapshot ?? { name, problems: [{ code: trouble?.code, message: trouble?.message }] };
}
