import assert from 'node:assert/strict';
import { parseEnsureWish } from '../../../src/terminal/ensureWish.js';

describe('what a program wishes of a cluster', () => {
  it('may be nothing: then it is made as usual', () => {
    const usual = {
      ...{ create: true, python: 'python3' },
      localSites: [{ name: 'local', slots: 64, enter: [] }],
    };
    assert.deepEqual(parseEnsureWish(''), usual);
    assert.deepEqual(parseEnsureWish('{}'), usual);
  });

  it('may be a pool at a grid, by its name or by what is known of it, with an environment as in an option', () => {
    const pool = (grid: unknown): object | undefined =>
      parseEnsureWish(JSON.stringify({ pool: { grid, sites: ['LCG.A.uk'], environment: 'container:/image' } })).pool;
    const environment = { kind: 'container', image: '/image', python: 'python3' };
    assert.deepEqual(pool('gridpp'), { grid: 'gridpp', sites: ['LCG.A.uk'], environment });
    const clues = { url: 'https://dirac.example:8444', group: 'gridpp_user', proxy: '/tmp/x509up_u1' };
    assert.deepEqual(pool(clues), { grid: clues, sites: ['LCG.A.uk'], environment });
  });

  it('is refused with what is wrong with it', () => {
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      ['{', 'bad-request', /no JSON/],
      ['{"no such wish": 1}', 'bad-request', /no such wish/],
      ['{"relay": {"address": "x:1", "key": "key"}}', 'bad-request', /relay\.key: It must be an absolute path/],
      ['{"pool": {"grid": {"url": "http://dirac.example"}}}', 'bad-request', /pool\.grid.*https:\/\//],
      ['{"pool": {"grid": "x", "environment": "conda:"}}', 'usage', /names no environment/],
    ];
    for (const [said, code, message] of wrong) assert.throws(() => parseEnsureWish(said), { code, message });
  });
});
