import assert from 'node:assert/strict';
import { jdlOf } from '../../../../src/grid/dirac/jdl.js';

const intent = {
  ...{ mark: 'sitespan.1a2b3c.4d5e6f.7', sites: ['LCG.A.uk', 'LCG.B.uk'], count: 3, cores: 4, memoryMb: 0 },
  ...{ walltimeSeconds: 3600, sandbox: '/payload', executable: 'start.sh', environment: { EVIL: '"; Site = "x' } },
};
const bulk = {
  intent,
  count: 3,
  sandbox: 'SB:SE|/SandBox/a/alice.group/e38/e38.tar.bz2',
  executable: 'sitespan-job.sh',
};

describe('a job description of DIRAC', () => {
  it('asks for a bulk of jobs, marked, at the sites, that no watchdog takes for stalled', () => {
    const text = jdlOf(bulk);
    for (const line of [
      'JobGroup = "sitespan.1a2b3c.4d5e6f.7";',
      'Site = {"LCG.A.uk","LCG.B.uk"};',
      'Parameters = 3;',
      'NumberOfProcessors = 4;',
      // Of four cores, each ten times as fast as what DIRAC counts in.
      'CPUTime = 144000;',
      'DisableCPUCheck = 1;',
      'InputSandbox = {"SB:SE|/SandBox/a/alice.group/e38/e38.tar.bz2"};',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line} is not in ${text}`);
    }
  });

  it('holds nothing of the environment: that is in the sandbox', () => {
    assert.ok(!jdlOf(bulk).includes('EVIL'));
  });

  for (const [what, changed] of [
    ['a site that ends its string', { ...bulk, intent: { ...intent, sites: ['A"; Executable = "rm'] } }],
    ['a mark with a comma, which would be a list', { ...bulk, intent: { ...intent, mark: 'a,b' } }],
    ['an executable with a line break', { ...bulk, executable: 'a\nb' }],
    ['a sandbox that is none of DIRAC', { ...bulk, sandbox: '"LFN:/etc/passwd' }],
    ['a number of a job, which DIRAC would fill in', { ...bulk, intent: { ...intent, mark: 'a%n' } }],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => jdlOf(changed), { code: 'intent-invalid' });
    });
  }
});
