import * as vscode from 'vscode';
import { calls, type GridSnapshot } from '../../keeper/api.js';
import type { ProbedSite, SitePlace } from '../../owner/probeSites.js';
import { clusterFor } from '../clustersOnGrid.js';
import { probesUri } from '../documents/probesDocument.js';
import { pick, type ReachedCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import { askSome, type Choice } from '../questions.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

const title = 'Probe Sites';

/** Sends one short job to each site that is chosen and tells what it found there. */
export async function probeSite(window: Window, argument: unknown): Promise<void> {
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
  await sayVerdicts(cluster.name, probed);
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

async function sayVerdicts(cluster: string, probed: readonly ProbedSite[]): Promise<void> {
  const { sentenceOfProbes } = await import('../../owner/probeReport.js');
  const verdicts = probed.map(({ verdict }) => verdict);
  const [only] = verdicts;
  const said = only !== undefined && verdicts.length === 1 ? only.sentence : sentenceOfProbes(verdicts);
  const show = 'Show All';
  const message = verdicts.every(({ ok }) => ok)
    ? vscode.window.showInformationMessage
    : vscode.window.showWarningMessage;
  if ((await message(said, show)) !== show) return;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(probesUri(cluster)), { preview: true });
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
