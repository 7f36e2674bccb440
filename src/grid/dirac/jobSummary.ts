import { z } from 'zod';
import type { JobId, JobPhase, JobState } from '../grid.js';

/** A time of DIRAC's as `parseWire` gives it; `None` where it has not come yet. */
const time = z.number().nullish();

/** Of a job's summary what DIRAC 8 and 9 both have. */
export const jobSummary = z.looseObject({
  Status: z.string(),
  MinorStatus: z.string().nullish(),
  ApplicationStatus: z.string().nullish(),
  Site: z.string().nullish(),
  SubmissionTime: time,
  StartExecTime: time,
  EndExecTime: time,
  HeartBeatTime: time,
  LastUpdateTime: time,
});
export type JobSummary = z.infer<typeof jobSummary>;

/** DIRAC's word for a job of a bulk that was not confirmed: it does not run before it is. */
export const unconfirmed = 'Submitting';

const phases: Readonly<Record<string, JobPhase>> = {
  ...{ Submitting: 'waiting', Received: 'waiting', Checking: 'waiting', Staging: 'waiting', Waiting: 'waiting' },
  ...{ Rescheduled: 'waiting', Matched: 'matched', Running: 'running', Stalled: 'running', Completing: 'running' },
  ...{ Completed: 'running', Done: 'done', Failed: 'failed', Killed: 'killed', Deleted: 'killed' },
};

/** A killed job whose node has been silent for so long will not report its end any more. */
const silenceMs = 3_600_000;

/**
 * What a summary means.
 *
 * Killing is not one step: a job that runs is called Killed at once, then Running again by its next heartbeat, and Failed with
 * `Received Kill signal` when its node has ended it. So only that is the end of a job that had begun.
 */
export function stateOf(id: JobId, summary: JobSummary, nowMs: number = Date.now()): JobState {
  const { Status, MinorStatus, ApplicationStatus, Site } = summary;
  const phase = phaseOf(summary, nowMs);
  const words = [MinorStatus, ApplicationStatus].filter((part) => part && part !== 'Unknown');
  return {
    id,
    phase,
    ...(Site && !['ANY', 'Multiple'].includes(Site) && phase !== 'waiting' ? { site: Site } : {}),
    gridWords: words.length === 0 ? Status : `${Status} (${words.join('; ')})`,
    atMs: timeOf(summary, phase) ?? nowMs,
  };
}

function phaseOf(summary: JobSummary, nowMs: number): JobPhase {
  const { Status, MinorStatus, StartExecTime, HeartBeatTime, LastUpdateTime } = summary;
  if (Status === 'Failed' && MinorStatus === 'Received Kill signal') return 'killed';
  const began = StartExecTime ?? undefined;
  if (Status === 'Killed' && began !== undefined) {
    const heard = Math.max(HeartBeatTime ?? 0, LastUpdateTime ?? 0, began);
    return nowMs - heard > silenceMs ? 'killed' : 'running';
  }
  return phases[Status] ?? 'unknown';
}

function timeOf(summary: JobSummary, phase: JobPhase): number | undefined {
  const { StartExecTime, EndExecTime, LastUpdateTime, SubmissionTime } = summary;
  const last = LastUpdateTime ?? undefined;
  if (phase === 'running') return StartExecTime ?? last;
  if (phase === 'waiting') return SubmissionTime ?? last;
  return EndExecTime ?? last;
}
