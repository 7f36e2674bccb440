import * as vscode from 'vscode';
import { calls, type GridSnapshot } from '../../keeper/api.js';
import { pick, reachCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import type { Choice } from '../questions.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

const title = 'Probe Site';

interface SitePlace {
  readonly grid: string;
  readonly site: string;
}

/** Sends one short job to a site and tells what it found there. */
export async function probeSite(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  if (cluster === undefined) return;
  const place =
    nodeOf('site', argument) ??
    (await pick(
      title,
      'Which site?',
      (await cluster.client.call(calls.listSites, {})).flatMap(choicesOf),
      `The cluster ${cluster.name} knows no site.`,
    ));
  if (place === undefined) return;
  const { grid, site } = place;
  const verdict = await inProgress(`Probing ${site}`, (_say, signal) =>
    cluster.client.call(calls.probeSite, { grid, site }, signal),
  );
  if (verdict.ok) await vscode.window.showInformationMessage(verdict.sentence);
  else await vscode.window.showWarningMessage(verdict.sentence);
}

function choicesOf({ grid, sites }: GridSnapshot): Choice<SitePlace>[] {
  return sites.map(({ name, slots, gridWords, banned }) => ({
    label: name,
    description: [grid, slots === undefined ? '' : `${slots} slots`, gridWords ?? '']
      .filter((text) => text !== '')
      .join(' · '),
    value: { grid, site: name },
    disabled: banned ? `The grid ${grid} sends no jobs to ${name} now.` : undefined,
  }));
}
