import type { GridSnapshot, SiteSnapshot } from '../keeper/api.js';

/** What the last probes of a cluster's sites found, as a document (Markdown): each with its time, what mends it, and what was seen. */
export function probeReport(cluster: string, grids: readonly GridSnapshot[]): string {
  const parts = grids.map(({ grid, sites }) => [grid, sites.filter(({ verdict }) => verdict !== undefined)] as const);
  const probed = parts.filter(([, sites]) => sites.length > 0);
  return [
    `# What probes found for ${cluster}`,
    '',
    probed.length === 0
      ? 'No site has been probed for this cluster yet.'
      : 'A verdict is of one node at one time; a site has many.',
    ...probed.flatMap(([grid, sites]) => [
      ...['', `## ${grid === 'local' ? 'This computer' : grid}`, ''],
      ...sites.flatMap(linesOf),
    ]),
    '',
  ].join('\n');
}

/** Several verdicts in a sentence or two: how many are good, and what is wrong with the first that is not. */
export function sentenceOfProbes(verdicts: readonly { readonly ok: boolean; readonly sentence: string }[]): string {
  const bad = verdicts.filter(({ ok }) => !ok);
  const [first] = bad;
  if (first === undefined) return `All ${verdicts.length} sites can run workers.`;
  const count = `${verdicts.length - bad.length} of ${verdicts.length} sites can run workers.`;
  return `${count} ${first.sentence}`;
}

function linesOf({ name, verdict }: SiteSnapshot): string[] {
  if (verdict === undefined) return [];
  const at = new Date(verdict.at * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `- ${verdict.ok ? '✓' : '✗'} **${name}**, ${at} UTC: ${verdict.sentence}`,
    ...Object.entries(verdict.facts).map(([what, value]) => `  - ${what}: ${value}`),
  ];
}
