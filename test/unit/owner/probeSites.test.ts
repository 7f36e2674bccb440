import assert from 'node:assert/strict';
import type { GridSnapshot, SiteSnapshot } from '../../../src/keeper/api.js';
import { chosenSites, warningsOf } from '../../../src/owner/probeSites.js';

const site = (name: string, changes: Partial<SiteSnapshot> = {}): SiteSnapshot => ({
  ...{ name, banned: false, waiting: 0, running: 0, workers: 0 },
  ...changes,
});
const verdict = { ok: false, sentence: 'north cannot reach r:1: refused.', at: 1_800_000_000, facts: {} };
const grids: readonly GridSnapshot[] = [
  { grid: 'local', sites: [site('north', { verdict }), site('south', { verdict: { ...verdict, ok: true } })] },
  { grid: 'far', sites: [site('north'), site('LCG.Bristol.uk'), site('LCG.Shut.uk', { banned: true })] },
];

describe('chosenSites', () => {
  it('are all that are not banned, or those named, however they are written', () => {
    const names = chosenSites(grids, []).map((place) => place.site);
    assert.deepEqual(names, ['north', 'south', 'north', 'LCG.Bristol.uk']);
    assert.deepEqual(chosenSites(grids, ['lcg.bristol.UK', 'LCG.Shut.uk']), [
      { grid: 'far', site: 'LCG.Bristol.uk' },
      { grid: 'far', site: 'LCG.Shut.uk' },
    ]);
  });

  it('says which there are where one is not', () => {
    assert.throws(() => chosenSites(grids, ['west']), {
      code: 'site-unknown',
      message: /no site west; there are north/,
    });
  });
});

describe('warningsOf', () => {
  it('tells the last bad verdict of the sites of a pool, with its time', () => {
    assert.deepEqual(warningsOf(grids, 'local', ['north', 'south']), [
      'The last probe of north, at 2027-01-15 08:00 UTC: north cannot reach r:1: refused.',
    ]);
    assert.deepEqual(warningsOf(grids, 'local', ['south']), []);
    assert.deepEqual(warningsOf(grids, 'far', ['north']), []);
  });
});
