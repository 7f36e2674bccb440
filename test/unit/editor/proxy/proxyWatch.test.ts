import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import { Emitter } from '../../../../src/base/events.js';
import { until } from '../../../../src/base/waiting.js';
import type { ClusterView } from '../../../../src/editor/knownCluster.js';
import { type ProxySource, ProxyWatch } from '../../../../src/editor/proxy/proxyWatch.js';
import { type DiracSpec, diracSpec } from '../../../../src/grid/gridSpec.js';
import type { Grids } from '../../../../src/owner/grids.js';
import { snapshotWith } from '../../keeper/snapshots.js';
import { factsWith, now } from './knownProxies.js';

function spec(proxy: string): DiracSpec {
  return diracSpec.parse({
    ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'Test', vo: 'gridpp', group: 'gridpp_user' },
    ...{ sites: ['LCG.Example.uk'], proxy, caDirectory: '/cvmfs/certificates' },
  });
}
function view(name: string, link: ClusterView['link'] = 'connected'): ClusterView {
  return { name, folder: `/state/${name}`, link, snapshot: snapshotWith({ name }), trouble: undefined };
}

describe('What a window knows of proxies', () => {
  const fail = (error: unknown): void => assert.fail(String(error));
  let fleet: { clusters: ClusterView[]; changed: Emitter; onDidChange: Emitter['event'] };
  let added: { grids: Grids; changed: Emitter; onDidChange: Emitter['event']; look(): Promise<void> };
  let files: Map<string, number>;
  let gridsOf: Map<string, string>;
  let watched: Map<string, () => void>;
  let reads: string[];
  let clock: number;
  let told: number;
  let proxies: ProxyWatch;

  beforeEach(() => {
    const [one, other] = [new Emitter(fail), new Emitter(fail)];
    fleet = { clusters: [], changed: one, onDidChange: one.event };
    added = { grids: {}, changed: other, onDidChange: other.event, look: async () => undefined };
    [files, gridsOf, watched, reads, clock, told] = [new Map(), new Map(), new Map(), [], now, 0];
    const source: ProxySource = {
      gridsOf: async (folder) => {
        reads.push(folder);
        const path = gridsOf.get(folder);
        return path === undefined ? {} : { gridpp: spec(path) };
      },
      read: async (path) => {
        reads.push(path);
        const minutes = files.get(path);
        if (minutes === undefined) throw new SitespanError('proxy-missing', `There is no proxy ${path}.`);
        return factsWith({ path, minutes });
      },
      watch: (path, onChange) => {
        watched.set(path, onChange);
        return { dispose: () => watched.delete(path) };
      },
      now: () => clock,
    };
    proxies = new ProxyWatch(fleet, added, source, fail);
    proxies.onDidChange(() => told++);
  });
  afterEach(() => proxies.dispose());

  const addGrids = (paths: Readonly<Record<string, string>>): void => {
    added.grids = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, { spec: spec(path) }]));
    added.changed.fire();
  };
  const soon = (what: string, condition: () => boolean): Promise<void> =>
    until(condition, { timeoutMs: 5000, everyMs: 5, what });
  const paths = (): string[] => proxies.known.map(({ use }) => use.path);

  it('is nothing, and nothing is read, where there is neither a grid nor a cluster', async () => {
    added.changed.fire();
    fleet.changed.fire();
    await proxies.look();
    assert.deepEqual([proxies.known, reads, [...watched]], [[], [], []]);
  });

  it('are those of added grids and of clusters, the one that ends first before the others', async () => {
    files = new Map([
      ['/a', 300],
      ['/b', 200],
    ]);
    gridsOf.set('/state/ttbar', '/b');
    fleet.clusters = [view('ttbar')];
    addGrids({ gridpp: '/a', na62: '/none' });
    await soon('All three', () => proxies.known.length === 3);
    assert.deepEqual(paths(), ['/none', '/b', '/a']);
    assert.deepEqual([proxies.ofCluster('ttbar').length, proxies.ofGrid('gridpp').length], [1, 2]);
    assert.ok(proxies.known[0]?.found instanceof SitespanError);
    assert.deepEqual([...watched.keys()].sort(), ['/a', '/b', '/none']);
  });

  it('are read again when a file changes, and not because a cluster does', async () => {
    addGrids({ gridpp: '/a' });
    await soon('That it is missing', () => proxies.known.length === 1);
    files.set('/a', 300);
    watched.get('/a')?.();
    await soon('The new one', () => !(proxies.known[0]?.found instanceof SitespanError));
    const before = reads.length;
    fleet.clusters = [view('ttbar')];
    fleet.changed.fire();
    await soon('Looking at the cluster', () => reads.includes('/state/ttbar'));
    await proxies.look();
    const after = reads.length;
    assert.ok(after > before);
    fleet.clusters = [{ ...view('ttbar'), snapshot: snapshotWith({ name: 'ttbar', phase: 'closing' }) }];
    fleet.changed.fire();
    await proxies.look();
    assert.equal(reads.filter((one) => one === '/state/ttbar').length, 1);
  });

  it('are told of when what is said of one becomes another, by a timer, and not before', async () => {
    files.set('/a', 121);
    addGrids({ gridpp: '/a' });
    await soon('The first', () => told === 1);
    await proxies.look();
    assert.equal(told, 1);
    // Half a second before the two hours begin.
    clock = now + 59_500;
    files.set('/a', 121);
    await proxies.look();
    clock = now + 61_000;
    await soon('The warning', () => told === 2);
  });

  it('are forgotten with what needed them', async () => {
    files.set('/a', 300);
    gridsOf.set('/state/ttbar', '/a');
    fleet.clusters = [view('ttbar')];
    fleet.changed.fire();
    await soon('It', () => proxies.known.length === 1);
    fleet.clusters = [view('ttbar', 'closed')];
    fleet.changed.fire();
    await soon('Its end', () => proxies.known.length === 0);
    assert.equal(watched.size, 0);
  });
});
