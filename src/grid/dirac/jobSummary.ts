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

/**
 * What a summary means.
 *
 * Killing is not one step: a job that runs is called Killed at once, then mostly Running again by its next heartbeat, and Failed
 * with `Received Kill signal` when its node has ended it; but it stays Killed if it ended by itself in that moment. So DIRAC's
 * first word is taken for the end: nothing more comes of such a job, and it cannot be told from one whose node is yet to hear.
 */
export function stateOf(id: JobId, summary: JobSummary, nowMs: number = Date.now()): JobState {
  const { Status, MinorStatus, ApplicationStatus, Site } = summary;
  const phase = phaseOf(summary);
  return {
    id,
    phase,
    ...(Site && !['ANY', 'Multiple'].includes(Site) && phase !== 'waiting' ? { site: Site } : {}),
    gridWords: wordsOf(Status, MinorStatus, ApplicationStatus),
    atMs: timeOf(summary, phase) ?? nowMs,
  };
}

/** DIRAC's three words for how a job is, as they are shown: `Failed (Application Finished With Errors; …)`. */
export function wordsOf(status: string, ...more: readonly (string | null | undefined)[]): string {
  const said = more.map((part) => part?.trim()).filter((part) => part && !['Unknown', 'idem'].includes(part));
  return said.length === 0 ? status : `${status} (${said.join('; ')})`;
}

function phaseOf({ Status, MinorStatus }: JobSummary): JobPhase {
  if (Status === 'Failed' && MinorStatus === 'Received Kill signal') return 'killed';
  return phases[Status] ?? 'unknown';
}

function timeOf(summary: JobSummary, phase: JobPhase): number | undefined {
  const { StartExecTime, EndExecTime, LastUpdateTime, SubmissionTime } = summary;
  const last = LastUpdateTime ?? undefined;
  if (phase === 'running') return StartExecTime ?? last;
  if (phase === 'waiting') return SubmissionTime ?? last;
  return EndExecTime ?? last;
}
