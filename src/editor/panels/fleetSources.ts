import type { Event } from '../../base/events.js';
import { calls } from '../../keeper/api.js';
import type { RunFile, RunSummary } from '../../keeper/runFiles.js';
import type { Fleet } from '../fleet.js';
import type { ShownThing } from '../protocol.js';
import { troublesIn } from '../troubles.js';
import type { ThroughputSource, ThroughputSources } from './throughputFeed.js';

/** Of forty curves fewer are enough: a chart is some thousand pixels wide, and all of it is drawn twice a second. */
const points = { site: 300, worker: 150 };

/** What a window can look at: its clusters, by their keepers, and the runs that were kept on this computer. */
export class FleetSources implements ThroughputSources {
  readonly onDidChange: Event;
  /** Runs come only when a cluster goes, or is told to keep its own. */
  private runs: { readonly clusters: string; readonly found: readonly RunSummary[] } | undefined;

  constructor(private readonly fleet: Fleet) {
    this.onDidChange = fleet.onDidChange;
  }

  async choices() {
    if (this.fleet.clusters.length === 0) await this.fleet.refresh();
    const clusters = this.fleet.clusters.filter(({ link }) => link !== 'closed').map(({ name }) => name);
    return { clusters, runs: await this.keptRuns(clusters.join()) };
  }

  /** Looks for kept runs again, as when one was just exported. */
  forget(): void {
    this.runs = undefined;
  }

  async open(what: ShownThing): Promise<ThroughputSource> {
    if (what.kind === 'run') return new KeptRun(await (await import('../../keeper/runFiles.js')).readRun(what.id));
    const client = await this.fleet.client(what.name);
    return {
      live: true,
      view: (by, include, signal) =>
        client.call(calls.throughputView, { by, points: points[by], include: [...include] }, signal),
      table: async (signal) => (await client.call(calls.workerTable, {}, signal)).rows,
    };
  }

  troubleOf(what: ShownThing) {
    const view = what.kind === 'cluster' ? this.fleet.cluster(what.name) : undefined;
    return view && troublesIn('panel', view)[0];
  }

  private async keptRuns(clusters: string): Promise<readonly RunSummary[]> {
    if (this.runs?.clusters !== clusters) {
      const { listRuns } = await import('../../keeper/runFiles.js');
      this.runs = { clusters, found: await listRuns() };
    }
    return this.runs.found;
  }
}

class KeptRun implements ThroughputSource {
  readonly live = false;

  constructor(private readonly run: RunFile) {}

  async view(by: Parameters<ThroughputSource['view']>[0], include: readonly string[]) {
    const { viewOfRun } = await import('../../keeper/runFiles.js');
    return viewOfRun(this.run, by, include);
  }

  async table() {
    return this.run.rows;
  }
}
