import assert from 'node:assert/strict';
import type { SiteSnapshot, Verdict } from '../../../src/keeper/api.js';
import { probeReport, sentenceOfProbes } from '../../../src/owner/probeReport.js';

const good: Verdict = { ok: true, sentence: 'A can run workers.', at: 0, facts: { python: '3.11.7' } };
const bad: Verdict = { ok: false, sentence: 'B cannot reach relay:443: refused; ask the site.', at: 60, facts: {} };
const site = (name: string, verdict?: Verdict): SiteSnapshot => ({
  ...{ name, banned: false, waiting: 0, running: 0, workers: 0 },
  ...(verdict === undefined ? {} : { verdict }),
});

describe('The verdicts of probes', () => {
  it('are one sentence, with what is wrong first', () => {
    assert.equal(sentenceOfProbes([good, good]), 'All 2 sites can run workers.');
    assert.equal(sentenceOfProbes([good, bad]), `1 of 2 sites can run workers. ${bad.sentence}`);
  });

  it('are a document by grid, each with its time, its fix and what was seen', () => {
    const grids = [{ grid: 'gridpp', sites: [site('A', good), site('B', bad), site('C')] }];
    const text = probeReport('ttbar', [...grids, { grid: 'local', sites: [site('north')] }]);
    assert.match(text, /^## gridpp$/m);
    assert.match(text, /^- ✓ \*\*A\*\*, 1970-01-01 00:00 UTC: A can run workers\.\n {2}- python: 3\.11\.7$/m);
    assert.match(text, /^- ✗ \*\*B\*\*, 1970-01-01 00:01 UTC: B cannot reach relay:443/m);
    assert.doesNotMatch(text, /This computer|\*\*C\*\*/);
    assert.match(probeReport('ttbar', []), /No site has been probed/);
  });
});
