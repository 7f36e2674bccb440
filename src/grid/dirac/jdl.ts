import { SitespanError } from '../../base/errors.js';
import type { JobIntent } from '../grid.js';

/**
 * DIRAC counts CPU time in seconds of a core of power 1 (HEPSpec06), and a grid's cores have about this: what its queues say
 * as `SI00 = 2500`. Too little would send a job to where its time does not suffice; beyond its own limit DIRAC takes that.
 */
const corePower = 10;

/** What the description of a bulk says beside the intent. */
export interface Bulk {
  readonly intent: JobIntent;
  /** How many of the intent's jobs this request brings. */
  readonly count: number;
  /** DIRAC's address of the input sandbox, `SB:…`. */
  readonly sandbox: string;
  /** The file of the sandbox that is run. */
  readonly executable: string;
}

/**
 * A bulk of equal jobs in DIRAC's job description language.
 *
 * The language has no escape for a quote, so nothing but plain words goes in: all else of an intent travels in its sandbox.
 *
 * @throws SitespanError `intent-invalid`.
 */
export function jdlOf({ intent, count, sandbox, executable }: Bulk): string {
  const { mark, sites, cores, walltimeSeconds } = intent;
  const lines = [
    // `%n`, the job's number, is what makes DIRAC take one description for many jobs.
    `JobName = "${word(mark)}.%n";`,
    `JobGroup = "${word(mark)}";`,
    `Executable = "${word(executable)}";`,
    `InputSandbox = {"${sandboxWord(sandbox)}"};`,
    'StdOutput = "std.out";',
    'StdError = "std.err";',
    'OutputSandbox = {"std.out","std.err"};',
    ...(sites.length === 0 ? [] : [`Site = {${sites.map((site) => `"${word(site)}"`).join(',')}};`]),
    `CPUTime = ${walltimeSeconds * cores * corePower};`,
    ...(cores > 1 ? [`NumberOfProcessors = ${cores};`] : []),
    // A worker that waits for tasks would be taken for stalled, and killed.
    'DisableCPUCheck = 1;',
    `Parameters = ${count};`,
    'ParameterStart = 0;',
    'ParameterStep = 1;',
  ];
  return `[\n${lines.join('\n')}\n]`;
}

function word(text: string): string {
  return matching(text, /^[A-Za-z0-9_.-]+$/);
}

function sandboxWord(text: string): string {
  return matching(text, /^SB:[A-Za-z0-9_.|/-]+$/);
}

function matching(text: string, pattern: RegExp): string {
  if (pattern.test(text)) return text;
  throw new SitespanError(
    'intent-invalid',
    `These jobs cannot be submitted: ${JSON.stringify(text)} cannot be said in a job description of DIRAC's.`,
  );
}
