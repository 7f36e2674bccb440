import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { type LifePhase, type LifeSnapshot, lifePhases } from '../../../src/keeper/api.js';
import { lifeDocument } from '../../../src/owner/lifeDocument.js';

const begun = Date.UTC(2026, 11, 1, 9, 30) / 1000;

/** A life that went so far, a minute a phase, with this as the last evidence. */
function lifeUntil(phase: LifePhase, evidence = 'its evidence', changes: Partial<LifeSnapshot> = {}): LifeSnapshot {
  const phases = ['requested', 'submitted', 'waiting', phase] as const;
  const passed = phases.slice(0, Math.min(phases.indexOf(phase), 3) + 1);
  return {
    name: 'main-3',
    pool: 'main',
    site: 'north',
    job: '17',
    phase,
    steps: passed.map((one, index) => ({
      phase: one,
      at: begun + 60 * index,
      evidence: index === passed.length - 1 ? evidence : `evidence of ${one}`,
    })),
    warnings: [],
    ...changes,
  };
}

describe('lifeDocument', () => {
  it('tells each phase with its time and evidence, and for how long it has lasted', () => {
    const text = lifeDocument(
      lifeUntil('waiting', 'Waiting: DIRAC says Waiting (Pilot Agent Submission)'),
      begun + 900,
    );
    assert.match(text, /^# Why main-3 is not here$/m);
    assert.match(text, /^Pool main, site north, job 17\. Now: waits for a slot, for 13 min\.$/m);
    assert.match(text, /^- 2026-12-01 09:30:00 UTC: asked for: evidence of requested$/m);
    assert.match(text, /^- 2026-12-01 09:32:00 UTC \(60 s later\): waits for a slot: .*DIRAC says Waiting/m);
    assert.match(text, /Nothing is wrong/);
  });

  it('says of one that takes tasks that it is here', () => {
    assert.match(lifeDocument(lifeUntil('working'), begun + 200), /^# main-3 is here$/m);
  });

  it('shows what was noticed on the way', () => {
    const warnings = ["numpy 2.1, the cluster's is 2.3"];
    assert.match(lifeDocument(lifeUntil('working', '', { warnings }), begun), /^- numpy 2\.1, the cluster's is 2\.3$/m);
  });

  it("has the grid's own words beside ours, with its own record", () => {
    const history = [
      {
        status: 'Received',
        minorStatus: 'Job accepted',
        applicationStatus: 'Unknown',
        atMs: begun * 1000,
        source: 'JobManager',
      },
    ];
    const details = { status: 'Waiting', minorStatus: 'Pilot Agent Submission', computingElement: 'ce1', history };
    const text = lifeDocument(lifeUntil('waiting'), begun + 900, 'ttbar', { grid: 'gridpp', details });
    const [, words = ''] = text.split('## What the grid says\n\n');
    assert.match(words, /^- Job: 17 of gridpp\n- Status: Waiting\n- Minor status: Pilot Agent Submission\n/);
    assert.match(words, /^- Computing element: ce1$/m);
    assert.match(words, /^- 2026-12-01 09:30:00 UTC: Received \(Job accepted\), says JobManager$/m);
  });

  it('says why the grid could not be asked, or that it has no such job', () => {
    const trouble = new SitespanError('grid-unreachable', 'It is away.');
    const said = (told: Parameters<typeof lifeDocument>[3]): string =>
      lifeDocument(lifeUntil('waiting'), begun, 'ttbar', told);
    assert.match(said({ grid: 'gridpp', trouble }), /gridpp could not be asked about job 17: It is away\./);
    assert.match(said({ grid: 'gridpp' }), /gridpp has no job 17 any more\./);
  });

  it('has something to do for every phase, with whole commands', () => {
    for (const phase of lifePhases) {
      const [, advice = ''] = lifeDocument(lifeUntil(phase), begun + 7200, 'ttbar').split('## What to do\n');
      assert.match(advice, /^- .{20,}/m, phase);
      assert.doesNotMatch(advice, /CLUSTER|undefined/, phase);
    }
  });

  it('says of one whose job is back in the queue that it takes no tasks, until it has started again', () => {
    const back = 'The grid gridpp has put its job 17 back into the queue (Rescheduled); it starts again by itself.';
    const textOf = (...warnings: string[]) => lifeDocument(lifeUntil('working', '', { warnings }), begun, 'ttbar');
    assert.match(textOf(back), /until then it takes no tasks/);
    assert.match(textOf(back, 'Job 17 started again and replaced main-3.'), /Nothing: it takes tasks/);
  });

  for (const [evidence, advice] of [
    [
      "DIRAC's JobManager at d:8443 did not answer this computer (nothing listens there, ECONNREFUSED)",
      /grid was away/,
    ],
    ['The proxy /tmp/x509up_u0 on this computer expired at 2026-12-01', /sitespan proxy init/],
    ['DIRAC refused JobManager.submitJob at d:8443: it does not know', /sitespan proxy info/],
    ['the keeper was ended before it asked north', /grid was away/],
  ] as const) {
    it(`says what to do about one that never became a job: ${evidence}`, () => {
      assert.match(lifeDocument(lifeUntil('ended', evidence, { job: null }), begun + 400, 'ttbar'), advice);
    });
  }

  it('has another word for one that waits or starts for too long', () => {
    assert.match(lifeDocument(lifeUntil('waiting'), begun + 8000, 'ttbar'), /is full or does not take such jobs now/);
    assert.match(lifeDocument(lifeUntil('starting'), begun + 3600, 'ttbar'), /firewall lets nothing out to the relay/);
  });

  const endings: readonly (readonly [evidence: string, advice: RegExp])[] = [
    ['Exited with 3; its last words: environment-differs: dask 2026.7', /sitespan environments --cluster ttbar/],
    [
      'main-3 at north has another environment than the cluster (Python 3.9.1 there, 3.11.7 in the cluster); …',
      /same versions/,
    ],
    ['Exited with 4; its last words: relay.example.org:443: Connection refused', /docs\/firewall\.md/],
    ["Exited with 1; its last words: ModuleNotFoundError: No module named 'distributed'", /lacks a package/],
    ['Exited with 137 (signal 9)', /more memory per worker/],
    ['Ended since its walltime of 60 s was over', /time at the site was over/],
    ['Vanished without an exit code', /vanished without a word/],
    ['Killed', /ended on purpose/],
    ['Exited with 3; its last words: token-expired', /join token was no longer good/],
    ['something nobody has seen before', /After three such/],
  ];
  for (const [evidence, advice] of endings) {
    it(`says what to do about: ${evidence}`, () => {
      const text = lifeDocument(lifeUntil('ended', evidence), begun + 400, 'ttbar');
      assert.match(text, advice);
      assert.match(text, /sitespan logs ttbar main-3/);
    });
  }
});
