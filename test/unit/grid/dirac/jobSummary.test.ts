import assert from 'node:assert/strict';
import { type JobSummary, jobSummary, stateOf } from '../../../../src/grid/dirac/jobSummary.js';
import { parseWire } from '../../../../src/grid/dirac/wireValue.js';

const now = Date.UTC(2026, 10, 28, 12);

function summary(changes: Partial<JobSummary>): JobSummary {
  return {
    ...{ Status: 'Waiting', MinorStatus: 'Pilot Agent Submission', ApplicationStatus: 'Unknown', Site: 'LCG.A.uk' },
    ...{ SubmissionTime: now - 60_000, StartExecTime: null, EndExecTime: null, LastUpdateTime: now - 1000 },
    ...changes,
  };
}

const running = {
  Status: 'Running',
  MinorStatus: 'Application',
  StartExecTime: now - 30_000,
  HeartBeatTime: now - 2000,
};

describe('what a summary of a DIRAC job means', () => {
  for (const [words, changes, phase] of [
    ['a bulk that is not confirmed', { Status: 'Submitting' }, 'waiting'],
    ['a job in a queue', {}, 'waiting'],
    ['a job that is started again', { Status: 'Rescheduled' }, 'waiting'],
    ['a job that a node has taken', { Status: 'Matched' }, 'matched'],
    ['a job that runs', running, 'running'],
    ['a job that writes its output back', { ...running, Status: 'Completing' }, 'running'],
    ['a job whose node is silent', { ...running, Status: 'Stalled' }, 'running'],
    ['a job that ended well', { ...running, Status: 'Done' }, 'done'],
    ['a job that failed', { ...running, Status: 'Failed', MinorStatus: 'Application Finished With Errors' }, 'failed'],
    ['a job that was killed before it ran', { Status: 'Killed', MinorStatus: 'Marked for termination' }, 'killed'],
    ['a job that is killed while it runs', { ...running, Status: 'Killed' }, 'killed'],
    [
      'the same, after a heartbeat that came before we looked',
      { ...running, MinorStatus: 'Marked for termination' },
      'running',
    ],
    ['a job that its node has killed', { ...running, Status: 'Failed', MinorStatus: 'Received Kill signal' }, 'killed'],
    ['a word that nobody knows', { Status: 'Dreaming' }, 'unknown'],
  ] as const) {
    it(`${words}: ${phase}`, () => {
      assert.equal(stateOf('1', summary(changes), now).phase, phase);
    });
  }

  it('says it in the words of the grid, and where and since when', () => {
    const state = stateOf('7', summary(running), now);
    assert.deepEqual(state, {
      ...{ id: '7', phase: 'running', site: 'LCG.A.uk', gridWords: 'Running (Application)', atMs: now - 30_000 },
    });
  });

  it('knows no site of a job that may still go to several', () => {
    assert.equal(stateOf('7', summary({ Status: 'Matched', Site: 'Multiple' }), now).site, undefined);
  });

  it('reads the times as DIRAC writes them: UTC without a zone', () => {
    const text = '{"Status":"Running","StartExecTime":{"__dCls":"dt","obj":"2026-11-28 11:00:00"},"EndExecTime":null}';
    assert.equal(jobSummary.parse(parseWire(text)).StartExecTime, Date.UTC(2026, 10, 28, 11));
  });
});
