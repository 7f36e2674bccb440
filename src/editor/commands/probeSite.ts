import * as vscode from 'vscode';
import { calls, type GridSnapshot } from '../../keeper/api.js';
import type { ProbedSite, SitePlace } from '../../owner/probeSites.js';
import { clusterFor, clustersOnGrid } from '../clustersOnGrid.js';
import { gridProbesUri, probesUri } from '../documents/probesDocument.js';
import { pick, type ReachedCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import { askSome, type Choice } from '../questions.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

const title = 'Probe Sites';

/** What is probed for: a cluster that may use the sites, or one that is yet to be made with a grid. */
type For = { readonly row: unknown } | { readonly grid: string; readonly site: string | undefined };

/** Sends one short job to each site that is chosen and tells what it found there. */
export async function probeSite(window: Window, argument: unknown): Promise<void> {
  const asked = await askedFor(window, argument);
  if (asked === undefined) return;
  if ('row' in asked) return probeForCluster(window, asked.row);
  const { probeAtGrid } = await import('./probeAtGrid.js');
  const probed = await probeAtGrid(window, asked, title);
  if (probed !== undefined) await sayVerdicts(gridProbesUri(asked.grid), probed);
}

async function askedFor(window: Window, argument: unknown): Promise<For | undefined> {
  const { fleet, addedGrids } = window;
  await addedGrids.look();
  const added = Object.keys(addedGrids.grids);
  const isUnused = async (grid: string): Promise<boolean> => (await clustersOnGrid(window, grid)).length === 0;
  const row = nodeOf('grid', argument) ?? nodeOf('site', argument);
  if (row !== undefined) {
    if (!added.includes(row.grid) || !(await isUnused(row.grid))) return { row };
    return { grid: row.grid, site: row.kind === 'site' ? row.site : undefined };
  }
  if (argument !== undefined) return { row: argument };
  const unused = await Promise.all(added.map(async (grid) => ((await isUnused(grid)) ? [grid] : [])));
  const grids = unused.flat().map((grid): Choice<For> => {
    const description = 'a grid that no cluster uses yet';
    return { label: grid, description, value: { grid, site: undefined } };
  });
  if (grids.length === 0) return { row: undefined };
  const clusters = fleet.clusters.flatMap(({ name, link }): Choice<For>[] =>
    link === 'closed'
      ? []
      : [{ label: name, description: 'cluster', value: { row: { kind: 'cluster', cluster: name } } }],
  );
  const question = clusters.length === 0 ? 'At which grid?' : 'Sites of which grid, or for which cluster?';
  return pick(title, question, [...grids, ...clusters], 'There is no grid on this computer.');
}

async function probeForCluster(window: Window, argument: unknown): Promise<void> {
  const cluster = await clusterFor(window, argument, title);
  const places = cluster && (await placesFor(cluster, argument));
  if (cluster === undefined || places === undefined) return;
  const { probeSites } = await import('../../owner/probeSites.js');
  const what = places.length === 1 ? (places[0]?.site ?? '') : `${places.length} sites`;
  const probed = await inProgress(`Probing ${what}`, (say, signal) => {
    let done = 0;
    const tell = ({ verdict }: ProbedSite): void => say(`${++done} of ${places.length}: ${verdict.sentence}`);
    return probeSites(cluster.client, places, tell, signal);
  });
  await sayVerdicts(probesUri(cluster.name), probed);
}

async function placesFor(cluster: ReachedCluster, argument: unknown): Promise<readonly SitePlace[] | undefined> {
  const site = nodeOf('site', argument) ?? nodeOf('share', argument);
  if (site !== undefined) return [{ grid: site.grid, site: site.site }];
  const only = nodeOf('grid', argument)?.grid;
  const grids = (await cluster.client.call(calls.listSites, {})).filter(
    ({ grid }) => only === undefined || grid === only,
  );
  const choices = grids.flatMap(choicesOf);
  // None, or one, or none that can be taken.
  if (choices.filter(({ disabled }) => disabled === undefined).length < 2) {
    const one = await pick(title, 'Which site?', choices, `The cluster ${cluster.name} knows no site.`);
    return one === undefined ? undefined : [one];
  }
  const pools = cluster.snapshot.pools;
  const isUsed = ({ grid, site }: SitePlace): boolean =>
    pools.some((pool) => (pool.grid ?? 'local') === grid && pool.sites.includes(site));
  const answer = await askSome({ title, placeholder: 'Which sites? Each gets one short job.', begin: isUsed }, choices);
  return answer === undefined || answer === 'back' ? undefined : answer.value;
}

async function sayVerdicts(document: vscode.Uri, probed: readonly ProbedSite[]): Promise<void> {
  const { sentenceOfProbes } = await import('../../owner/probeReport.js');
  const verdicts = probed.map(({ verdict }) => verdict);
  const [only] = verdicts;
  const said = only !== undefined && verdicts.length === 1 ? only.sentence : sentenceOfProbes(verdicts);
  const show = 'Show All';
  const message = verdicts.every(({ ok }) => ok)
    ? vscode.window.showInformationMessage
    : vscode.window.showWarningMessage;
  if ((await message(said, show)) !== show) return;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document), { preview: true });
}

function choicesOf({ grid, sites }: GridSnapshot): Choice<SitePlace>[] {
  return sites.map(({ name, slots, gridWords, banned, verdict }) => ({
    label: name,
    description: [grid, slots === undefined ? '' : `${slots} slots`, gridWords ?? '']
      .filter((text) => text !== '')
      .join(' · '),
    detail: verdict?.sentence,
    value: { grid, site: name },
    disabled: banned ? `The grid ${grid} sends no jobs to ${name} now.` : undefined,
  }));
}
