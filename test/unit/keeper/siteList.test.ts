import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { SiteList } from '../../../src/keeper/siteList.js';
import { FakeGrid } from './fakeGrid.js';
import { poolSpecOf } from './poolSpecs.js';

describe('SiteList', () => {
  const listOf = (grid: FakeGrid, ledger = new Ledger(), keepMs = 0, limitMs = 1000) =>
    new SiteList({ grids: new Map([['far', grid]]), sitesOf: () => ['south'], ledger, keepMs, limitMs });

  it('counts jobs at the grid they are at, not at another that has a site of that name', async () => {
    const ledger = new Ledger();
    for (const [name, grid] of [
      ['a', 'far'],
      ['b', 'local'],
    ] as const) {
      ledger.apply({ is: 'pool', at: 1, pool: poolSpecOf({ name, grid }) });
      const bulk = { mark: name, pool: name, site: 'north', lives: [`${name}-1`], token: name, expires: 9 };
      ledger.apply({ is: 'intent', at: 2, ...bulk });
    }
    const [far] = await listOf(new FakeGrid(), ledger).list();
    assert.deepEqual(
      far?.sites.map(({ name, waiting }) => [name, waiting]),
      [
        ['north', 1],
        ['south', 0],
      ],
    );
  });

  it('asks a grid once in a while, however often it is looked at', async () => {
    const grid = new FakeGrid();
    const list = listOf(grid, undefined, 60_000);
    await Promise.all([list.list(), list.list()]);
    await list.list();
    assert.equal(grid.sitesAsked, 1);
  });

  it('says what is wrong with a grid, and shows its sites as last known', async () => {
    const grid = new FakeGrid();
    const list = listOf(grid);
    grid.sitesFailure = new SitespanError('grid-unreachable', 'far does not answer.');
    const trouble = { code: 'grid-unreachable', message: 'far does not answer.' };
    const names = async (): Promise<unknown> => {
      const [far] = await list.list();
      return [far?.sites.map(({ name }) => name), far?.trouble];
    };
    assert.deepEqual(await names(), [['south'], trouble]);
    grid.sitesFailure = undefined;
    assert.deepEqual(await names(), [['north', 'south'], undefined]);
    grid.sitesFailure = new SitespanError('grid-unreachable', 'far does not answer.');
    assert.deepEqual(await names(), [['north', 'south'], trouble]);
  });

  it('does not wait for ever', async () => {
    const grid = new FakeGrid();
    grid.silent = true;
    const [far] = await listOf(grid, undefined, 0, 20).list();
    assert.equal(far?.trouble?.code, 'deadline');
  });
});
