import { z } from 'zod';
import type { GridCall, JobId } from '../grid.js';
import type { DiracClient } from './diracClient.js';
import { jobSummary } from './jobSummary.js';
import { unlessMissing } from './siteCalls.js';

/** One line of DIRAC's own record of a job. */
export interface JobEvent {
  readonly status: string;
  readonly minorStatus: string;
  readonly applicationStatus: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Which of its parts wrote it. */
  readonly source: string;
}

/** What DIRAC tells of a job in its own words; what it does not (yet) say is undefined. */
export interface JobDetails {
  readonly status: string;
  readonly minorStatus?: string | undefined;
  readonly applicationStatus?: string | undefined;
  readonly site?: string | undefined;
  readonly computingElement?: string | undefined;
  readonly node?: string | undefined;
  /** Oldest first. */
  readonly history: readonly JobEvent[];
}

const summaries = z.record(z.string(), jobSummary);
const parameters = z.record(z.string(), z.record(z.string(), z.unknown()));
/** UTC without a zone. */
const moment = z.union([z.number(), z.string().transform((text) => Date.parse(`${text.replace(' ', 'T')}Z`))]);
const log = z.array(z.tuple([z.string(), z.string(), z.string(), moment], z.string()));

/**
 * Asks for all of it at once.
 *
 * @returns undefined where DIRAC has no such job
 * @throws SitespanError those of `DiracClient.call`
 */
export async function jobDetails(client: DiracClient, job: JobId, call?: GridCall): Promise<JobDetails | undefined> {
  const id = Number(job);
  const [all, told, lines] = await Promise.all([
    client.call('JobMonitoring', 'getJobsSummary', [[id]], summaries, call),
    client
      .call('JobMonitoring', 'getJobParameters', [[id]], parameters, call)
      .catch(unlessMissing<z.infer<typeof parameters>>({})),
    client.call('JobMonitoring', 'getJobLoggingInfo', [id], log, call).catch(unlessMissing<z.infer<typeof log>>([])),
  ]);
  const summary = all[job];
  if (summary === undefined) return undefined;
  const parameter = told[job] ?? {};
  return {
    status: summary.Status,
    minorStatus: said(summary.MinorStatus),
    applicationStatus: said(summary.ApplicationStatus),
    site: said(summary.Site),
    computingElement: said(parameter['GridCE']),
    node: said(parameter['HostName']),
    history: lines.map(([status, minorStatus, applicationStatus, atMs, source = '']) => ({
      ...{ status, minorStatus, applicationStatus, atMs, source },
    })),
  };
}

/** As text that says something. */
function said(value: unknown): string | undefined {
  const words = typeof value === 'string' ? value.trim() : '';
  return ['', 'Unknown', 'ANY', 'Multiple'].includes(words) ? undefined : words;
}
