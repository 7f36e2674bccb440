import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { poolSpec } from '../../../src/keeper/api.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { readPlan } from '../../../src/owner/clusterPlan.js';
import { listEnded } from '../../../src/owner/endedClusters.js';
import { clusterIn } from '../keeper/scratchCluster.js';
import { scratchHome } from '../keeper/scratchHome.js';

describe('A cluster that has ended', () => {
  const home = scratchHome();
  const main = poolSpec.parse({ name: 'main', sites: ['north', 'south'], cores: 2 });
  const small = poolSpec.parse({ name: 'small', sites: ['south'], python: '/opt/python' });

  function write(journal: string, ...facts: readonly Fact[]): Promise<void> {
    return appendFile(journal, facts.map((one) => `${JSON.stringify(one)}\n`).join(''));
  }

  it('is planned as it was: settings, pools, and how large they were wished last', async () => {
    const folder = await clusterIn(home(), { limits: { idleMinutes: 5 } });
    await write(
      folder.journal,
      { is: 'pool', at: 1, pool: main },
      { is: 'scale', at: 2, pool: 'main', workers: 3 },
      { is: 'pool', at: 3, pool: small },
      { is: 'adapt', at: 4, pool: 'small', minimum: 1, maximum: 6 },
      { is: 'drained', at: 5, minutes: 5, pools: [{ pool: 'main', workers: 3 }] },
      { is: 'closing', at: 6, code: 'closed', why: 'its owner closed it' },
      { is: 'closed', at: 7 },
    );
    const { wish, pools } = await readPlan(folder);
    assert.deepEqual(pools, [
      { spec: main, workers: 3 },
      { spec: small, workers: 1, adaptive: { minimum: 1, maximum: 6 } },
    ]);
    assert.equal(wish.name, 'test');
    assert.equal(wish.limits?.idleMinutes, 5);
    assert.deepEqual(
      wish.localSites.map(({ name, slots }) => [name, slots]),
      [
        ['north', 2],
        ['south', 2],
      ],
    );
    assert.doesNotMatch(JSON.stringify(wish), /userKey/);
  });

  it('is listed once it has, by its name, and not when that is in use again', async () => {
    const folder = await clusterIn(home());
    assert.deepEqual(await listEnded(), []);
    await write(
      folder.journal,
      { is: 'closing', at: 1, code: 'closed', why: 'it was closed' },
      { is: 'closed', at: 2 },
    );
    assert.deepEqual(
      (await listEnded()).map(({ name, folder: { path } }) => [name, path]),
      [['test', folder.path]],
    );
    await clusterIn(home()).catch(() => assert.fail('the name is free'));
    assert.deepEqual(await listEnded(), []);
  });
});
