import type { ClusterSnapshot } from '../keeper/api.js';
import { countCluster, countLives, countPool, sayWorkers, workersOfWished } from '../owner/counted.js';
import { duration } from '../owner/duration.js';
import { byteRate, eventRate, size, whole } from '../owner/units.js';
import type { Colours } from './colours.js';
import { table } from './table.js';

/** A cluster's phase in the colour of how well it is. */
export function phaseIn(phase: ClusterSnapshot['phase'], colours: Colours): string {
  const colour = { starting: colours.doubtful, working: colours.good, closing: colours.doubtful, failed: colours.bad };
  return colour[phase](phase);
}

/** A cluster as it is now, as lines: its pools, its sites, its kernels, and what hinders it. */
export function statusLines(snapshot: ClusterSnapshot, colours: Colours): string[] {
  const { name, phase, pools, sites, kernels, problems, total, tasks } = snapshot;
  const rates = `${eventRate(total.eventsPerSecond)}, ${byteRate(total.bytesPerSecond)}`;
  const lines = [
    `${colours.bold(name)}  ${phaseIn(phase, colours)}  ${sayWorkers(countCluster(snapshot))}`,
    `${rates}; ${whole(total.events)} events, ${size(total.bytes)} read; ${tasks.processing} tasks running, ${tasks.waiting} waiting`,
  ];
  if (pools.length > 0) lines.push('', ...poolTable(snapshot));
  if (sites.length > 0) lines.push('', ...siteTable(snapshot));
  for (const { id, phase: state, cells } of kernels) {
    const ended = cells.done + cells.failed + cells.skipped;
    const failed = cells.failed === 0 ? '' : `, ${cells.failed} failed`;
    lines.push(
      '',
      `kernel ${name}/${id}  ${state}  ${ended} of ${ended + cells.running + cells.queued} cells${failed}`,
    );
  }
  if (total.again.events > 0) lines.push('', `${whole(total.again.events)} events were processed twice.`);
  return [...lines, ...problems.map(({ message }) => `${colours.bad('!')} ${message}`)];
}

function poolTable({ pools }: ClusterSnapshot): string[] {
  const rows = pools.map((pool) => {
    const counted = countPool(pool);
    const { cores, walltimeSeconds, adaptive } = pool;
    return [
      pool.name,
      workersOfWished(counted),
      String(counted.coming),
      adaptive === undefined ? 'fixed' : `${adaptive.minimum} to ${adaptive.maximum}`,
      cores === undefined || walltimeSeconds === undefined ? '' : `${cores} × ${duration(walltimeSeconds)}`,
      pool.sites.join(', '),
    ];
  });
  const head = ['pool', 'workers', 'coming', 'size', 'cores', 'sites'];
  return table([head, ...rows], ['left', 'right', 'right', 'left', 'left', 'left']);
}

function siteTable({ sites }: ClusterSnapshot): string[] {
  const rows = sites.map((site) => {
    const { working, coming } = countLives(site.lives);
    const rates = [eventRate(site.eventsPerSecond), byteRate(site.bytesPerSecond)];
    return [site.site, String(working), String(coming), ...rates, whole(site.events)];
  });
  const head = ['site', 'working', 'coming', 'events/s', 'read', 'events'];
  return table([head, ...rows], ['left', 'right', 'right', 'right', 'right', 'right']);
}
