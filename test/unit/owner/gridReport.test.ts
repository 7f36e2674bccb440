import assert from 'node:assert/strict';
import type { GridFinding } from '../../../src/grid/dirac/checkGrid.js';
import { gridReport, sentenceOfCheck } from '../../../src/owner/gridReport.js';
import { describedGrid } from '../editor/describedGrid.js';

const finding = (verdict: GridFinding['verdict'], sentence = 'It is so.'): GridFinding => ({
  ...{ service: 'JobManager', address: 'https://dirac.example:8443/WorkloadManagement/JobManager', verdict, sentence },
});

describe('The report of a check', () => {
  it('says in a sentence how many services are good', () => {
    assert.equal(
      sentenceOfCheck('uk', [finding('good'), finding('good')]),
      'All 2 services of uk answer, and know you.',
    );
    assert.equal(
      sentenceOfCheck('uk', [finding('good'), finding('doubtful')]),
      'There is a doubt about 1 of the 2 services of uk.',
    );
    assert.equal(
      sentenceOfCheck('uk', [finding('wrong'), finding('doubtful'), finding('good')]),
      '1 of 3 services of uk cannot be used as they are, and there is a doubt about 1.',
    );
  });

  it('has each service with what was found and where, and the grid as it is known', () => {
    const text = gridReport('uk', describedGrid('LCG.A.uk'), [
      finding('good', 'knows ada'),
      finding('wrong', 'It is away.'),
    ]);
    assert.match(text, /^# Check of the grid uk$/m);
    assert.match(text, /^- ✓ \*\*JobManager\*\* knows ada \(https:/m);
    assert.match(text, /^- ✗ \*\*JobManager\*\*\n {2}- where: https:.*\n {2}- what, and what to do: It is away\.$/m);
    assert.match(text, /^- sites: LCG\.A\.uk$/m);
  });
});
