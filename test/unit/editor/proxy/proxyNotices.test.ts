import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/base/events.js';
import { until } from '../../../../src/base/waiting.js';
import type { ClusterView } from '../../../../src/editor/knownCluster.js';
import { ProxyNotices } from '../../../../src/editor/proxy/proxyNotices.js';
import { snapshotWith } from '../../keeper/snapshots.js';
import { KnownProxies, proxyWith } from './knownProxies.js';

const pool = { name: 'main', grid: 'gridpp', sites: ['LCG.Example.uk'], desired: 4, lives: { working: 3, waiting: 1 } };
function cluster(name: string, pools: readonly (typeof pool)[] = [pool]): ClusterView {
  const snapshot = snapshotWith({ name, pools: [...pools] });
  return { name, folder: `/${name}`, link: 'connected', snapshot, trouble: undefined };
}
const expired = proxyWith({ clusters: ['ttbar'] }, { minutes: -1 });

describe('Notices of proxies', () => {
  const fail = (error: unknown): void => assert.fail(String(error));
  let claimed: Set<string>;
  let windows: ProxyNotices[];
  beforeEach(() => {
    claimed = new Set();
    windows = [];
  });
  afterEach(() => {
    for (const one of windows) one.dispose();
  });

  /** A window of several that share what was claimed. */
  function openWindow(clusters: ClusterView[], focused = true) {
    const proxies = new KnownProxies();
    const changed = new Emitter(fail);
    const fleet = { clusters, onDidChange: changed.event };
    const said: string[] = [];
    const board = {
      show: (sentence: string) => said.push(sentence),
      isFocused: () => focused,
      claim: async (notice: string) => !claimed.has(notice) && claimed.add(notice).has(notice),
    };
    windows.push(new ProxyNotices(fleet, proxies, board, fail));
    return { proxies, said, fleet, tell: () => changed.fire() };
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const saysOne = (said: readonly string[]): Promise<void> =>
    until(() => said.length > 0, { timeoutMs: 10_000, everyMs: 5, what: 'A notice' });

  it('say once that one has expired under workers: what stops, and what does not', async () => {
    const { proxies, said, tell } = openWindow([cluster('ttbar')]);
    proxies.become(expired);
    await saysOne(said);
    tell();
    proxies.become(expired);
    await settled();
    assert.deepEqual(said, [
      'The proxy /tmp/x509up_u7 expired at 2026-12-01 11:59 UTC, and there are 4 workers of ttbar at gridpp: ' +
        'submitting jobs, asking for them and killing them stop until there is another; workers that run go on.',
    ]);
  });

  it('say before that it will, and of another proxy anew', async () => {
    const { proxies, said } = openWindow([cluster('ttbar')]);
    proxies.become(proxyWith({ clusters: ['ttbar'] }, { minutes: 100 }));
    await saysOne(said);
    assert.match(said[0] ?? '', /ends at 2026-12-01 13:40 UTC, and there are 4 workers .*; then submitting/);
    proxies.become(proxyWith({ clusters: ['ttbar'] }, { minutes: 110 }));
    await until(() => said.length === 2, { timeoutMs: 5000, everyMs: 5, what: 'The second' });
  });

  it('say nothing while one is good, or nobody works with it, and then when somebody does', async () => {
    const { proxies, said, fleet, tell } = openWindow([cluster('ttbar', [])]);
    proxies.become(proxyWith({ clusters: ['ttbar'] }, { minutes: 500 }));
    proxies.become(expired);
    fleet.clusters = [cluster('other'), cluster('ttbar', [{ ...pool, grid: 'na62' }])];
    tell();
    await settled();
    assert.deepEqual(said, []);
    fleet.clusters = [cluster('ttbar')];
    tell();
    await saysOne(said);
  });

  it('are shown by one of several windows, the one in front where there is one', async () => {
    const behind = openWindow([cluster('ttbar')], false);
    const front = openWindow([cluster('ttbar')]);
    behind.proxies.become(expired);
    front.proxies.become(expired);
    await saysOne(front.said);
    const late = openWindow([cluster('ttbar')]);
    late.proxies.become(expired);
    await settled();
    assert.deepEqual([behind.said, late.said], [[], []]);
  });

  it('are shown by one behind where none is in front', async () => {
    const behind = openWindow([cluster('ttbar')], false);
    behind.proxies.become(expired);
    await saysOne(behind.said);
  });
});
