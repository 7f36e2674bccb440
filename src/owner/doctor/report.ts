import type { Finding } from './check.js';
import type { Diagnosis } from './doctor.js';

/** What the doctor has found as a document (Markdown): what is wrong first, each with where it is and what to do; then what is well. */
export function reportOf({ examined, checked }: Diagnosis): string {
  const findings = checked.flatMap((one) => one.findings);
  const wrong = findings.filter(({ severity }) => severity === 'wrong');
  const doubtful = findings.filter(({ severity }) => severity === 'doubtful');
  const well = checked.filter((one) => one.findings.length === 0).map(({ check }) => `- ${check.title}`);
  const names = examined.clusters.map(({ name }) => name).join(', ');
  return [
    '# Doctor',
    '',
    `${sumOf(wrong.length, doubtful.length)} Looked at: this computer, ${names === '' ? 'which has no cluster' : `and the clusters ${names}`}.`,
    ...section('What is wrong', wrong.flatMap(linesOf)),
    ...section('What may be wrong', doubtful.flatMap(linesOf)),
    ...section('What is well', well),
    '',
  ].join('\n');
}

function sumOf(wrong: number, doubtful: number): string {
  if (wrong + doubtful === 0) return 'Nothing is wrong.';
  const things = (count: number): string => (count === 1 ? 'One thing' : `${count} things`);
  if (wrong === 0) return `${things(doubtful)} may be wrong.`;
  return doubtful === 0 ? `${things(wrong)} to mend.` : `${things(wrong)} to mend, and ${doubtful} that may be wrong.`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
}

function linesOf({ what, where, fix }: Finding): string[] {
  return [`- **${what}**`, `  - where: ${where}`, `  - what to do: ${fix}`];
}
