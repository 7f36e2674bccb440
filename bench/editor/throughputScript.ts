import { sleep } from '../../src/base/waiting.js';
import { PageRig } from '../../test/vscode/pageRig.js';
import { type BusyCluster, busySnapshot } from '../../test/vscode/throughputSnapshots.js';
import type { Measured } from './measured.js';

const updates = 60;
/** As often as a panel sends. */
const everyMs = 500;
const aim = { median: 8, worst: 30 };

/** The throughput page's processor time for script an update: 1,000 workers, all of whose lives and rates change twice a second. */
export async function throughputScript(): Promise<readonly Measured[]> {
  return [
    ...(await measured('by site', { workers: 1000 })),
    ...(await measured('by worker', { workers: 1000, by: 'worker', curves: 40, points: 150 })),
  ];
}

async function measured(how: string, cluster: BusyCluster): Promise<readonly Measured[]> {
  const rig = await PageRig.open('dark');
  try {
    const times: number[] = [];
    for (let moment = 0; moment <= updates; moment++) {
      times.push(await rig.scriptTimeOf(busySnapshot(moment, cluster)));
      await sleep(everyMs);
    }
    const [first = Number.NaN, ...rest] = times;
    const what = `throughput page, stacked ${how}`;
    return [
      { what: `${what}, the first update (it makes the charts)`, values: [first] },
      { what: `${what}, script an update`, values: rest, aim },
    ];
  } finally {
    await rig.close();
  }
}
