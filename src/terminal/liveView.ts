import type { ClusterSnapshot } from '../keeper/api.js';
import { byteRate, eventRate, size, whole } from '../owner/units.js';

/** What a run is to do, as far as it is known. */
export interface Goal {
  /** Events in all; undefined where nobody knows. */
  readonly events?: number;
}

const barWidth = 32;

/**
 * A running cluster in a few lines: how far, how fast, and what each site does.
 *
 * @param seconds since the run began, where there is one
 */
export function liveLines(snapshot: ClusterSnapshot, goal: Goal, seconds?: number): string[] {
  const { total, tasks } = snapshot;
  const workers = snapshot.sites.map((site) => site.lives['working'] ?? 0).reduce((a, b) => a + b, 0);
  const wished = snapshot.pools.map((pool) => pool.desired).reduce((a, b) => a + b, 0);
  // What was done twice is no progress.
  const done = total.events - total.again.events;
  const head = `${snapshot.name}  ${workers}/${wished} workers${seconds === undefined ? '' : `  ${seconds.toFixed(0)} s`}`;
  const lines = [
    goal.events === undefined
      ? head
      : `${head}  ${bar(done / Math.max(1, goal.events))}  ${whole(done)} of ${whole(goal.events)} events`,
    `  ${eventRate(total.eventsPerSecond).padStart(9)}  ${byteRate(total.bytesPerSecond).padStart(11)}   ${size(total.bytes)} read   ${tasks.processing} tasks running, ${tasks.waiting} waiting`,
  ];
  const width = Math.max(0, ...snapshot.sites.map((site) => site.site.length));
  for (const site of snapshot.sites) {
    lines.push(
      `  ${site.site.padEnd(width)}  ${(site.lives['working'] ?? 0).toString().padStart(3)} working${pending(site.lives)}  ${eventRate(site.eventsPerSecond).padStart(9)}  ${byteRate(site.bytesPerSecond).padStart(11)}  ${whole(site.events).padStart(11)} events`,
    );
  }
  for (const { cells } of snapshot.kernels) {
    const ended = cells.done + cells.failed + cells.skipped;
    const all = ended + cells.running + cells.queued;
    if (all > 0) lines.push(`  notebook: ${ended} of ${all} cells done`);
  }
  if (total.again.events > 0)
    lines.push(`  ${whole(total.again.events)} events were processed twice, since a worker was lost`);
  for (const problem of snapshot.problems) lines.push(`  ! ${problem.message}`);
  return lines;
}

function pending(lives: ClusterSnapshot['sites'][number]['lives']): string {
  const coming = (['requested', 'submitted', 'waiting', 'matched', 'starting', 'enrolled'] as const)
    .map((phase) => lives[phase] ?? 0)
    .reduce((a, b) => a + b, 0);
  return coming === 0 ? '' : `, ${coming} coming`;
}

function bar(part: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * barWidth);
  return `[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}]`;
}
