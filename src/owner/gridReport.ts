import type { GridFinding } from '../grid/dirac/checkGrid.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';

const marks: Readonly<Record<GridFinding['verdict'], string>> = { good: '✓', doubtful: '?', wrong: '✗' };

/** What was found when a grid was checked, as a document (Markdown): the grid as it is known here, and each service in turn. */
export function gridReport(
  name: string,
  { spec, configuration }: GridDescription,
  findings: readonly GridFinding[],
): string {
  const { setup, vo, group, sites, proxy, caDirectory, url } = spec;
  const facts: readonly (readonly [string, string])[] = [
    ['services', url],
    ...(configuration === undefined ? [] : ([['configuration server', configuration]] as const)),
    ...(setup === '' ? [] : ([['setup', setup]] as const)),
    ...([
      ['VO', vo],
      ['group', group],
      ['proxy', proxy],
      ['authorities', caDirectory],
      ['sites', sites.join(', ')],
    ] as const),
  ];
  return [
    `# Check of the grid ${name}`,
    '',
    sentenceOfCheck(name, findings),
    '',
    '## Its services',
    '',
    ...findings.flatMap(linesOf),
    '',
    '## As it is known on this computer',
    '',
    ...facts.map(([what, value]) => `- ${what}: ${value}`),
    '',
  ].join('\n');
}

/** All of it in one sentence. */
export function sentenceOfCheck(name: string, findings: readonly GridFinding[]): string {
  const count = (verdict: GridFinding['verdict']): number => findings.filter((one) => one.verdict === verdict).length;
  const [wrong, doubtful] = [count('wrong'), count('doubtful')];
  if (wrong + doubtful === 0) return `All ${findings.length} services of ${name} answer, and know you.`;
  if (wrong === 0) return `There is a doubt about ${doubtful} of the ${findings.length} services of ${name}.`;
  const more = doubtful === 0 ? '' : `, and there is a doubt about ${doubtful}`;
  return `${wrong} of ${findings.length} services of ${name} cannot be used as they are${more}.`;
}

function linesOf({ service, verdict, sentence, address }: GridFinding): string[] {
  if (verdict === 'good') return [`- ${marks.good} **${service}** ${sentence} (${address})`];
  return [`- ${marks[verdict]} **${service}**`, `  - where: ${address}`, `  - what, and what to do: ${sentence}`];
}
