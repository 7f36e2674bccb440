import * as vscode from 'vscode';
import { z } from 'zod';
import { parseSchedulerAddress, type SchedulerAddress } from '../../owner/checkScheduler.js';
import { inProgress } from '../progress.js';
import { askOne, askText, type Choice } from '../questions.js';
import { askSteps, type Step } from '../steps.js';
import type { Window } from '../window.js';

const title = 'Attach to Scheduler';

/** Addresses that were attached to before, the latest first. */
const recentKey = 'schedulers';
const recentKept = 5;
const recentSchema = z.array(z.string());

/**
 * Connects a notebook with a Dask scheduler that is none of ours: makes sure that something answers at its address, and puts
 * the line that connects where it is wanted. Its workers, logs and throughput are its own tools' (docs/editor.md).
 */
export async function attachScheduler({ context }: Window): Promise<void> {
  const recent = recentSchema.safeParse(context.globalState.get(recentKey)).data ?? [];
  const wish = await askSteps({ address: recent[0] ?? '' }, [addressStep]);
  const address = wish && parseSchedulerAddress(wish.address);
  if (address === undefined) return;
  const { checkScheduler } = await import('../../owner/checkScheduler.js');
  await inProgress(`Looking for a scheduler at ${address.text}`, (_say, signal) => checkScheduler(address, signal));
  const kept = [address.text, ...recent.filter((text) => text !== address.text)].slice(0, recentKept);
  await context.globalState.update(recentKey, kept);
  const answer = await askOne({ title, placeholder: `${address.text} answers. What now?` }, waysOf(address));
  if (answer !== undefined && answer !== 'back') await answer.value();
}

const addressStep: Step<{ readonly address: string }> = {
  ask: async (wish, place) => {
    const answer = await askText({
      ...{ title, place, value: wish.address },
      placeholder: 'Address of a Dask scheduler: tcp://host:8786 or tls://host:8786',
      refuse: (text) =>
        parseSchedulerAddress(text) === undefined
          ? 'Such as tcp://host:8786; tls, ws and wss are known, too.'
          : undefined,
    });
    return answer === undefined || answer === 'back' ? answer : { value: { address: answer.value } };
  },
};

function waysOf(address: SchedulerAddress): Choice<() => Promise<void>>[] {
  const line = `client = Client("${address.text}")`;
  const code = `from dask.distributed import Client\n\n${line}\nclient`;
  const copy = {
    label: '$(copy) Copy the line that connects',
    detail: line,
    value: async () => vscode.env.clipboard.writeText(code),
  };
  const dashboard = {
    label: '$(dashboard) Open its dashboard',
    detail: `http://${address.host}:8787/status, where schedulers have it unless told otherwise`,
    value: () => openDashboardOf(address),
  };
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook === undefined) return [copy, dashboard];
  const insert = {
    label: '$(notebook) Put it into the open notebook',
    detail: `${line}, as the first cell`,
    value: () => insertCell(notebook, code),
  };
  return [insert, copy, dashboard];
}

async function openDashboardOf({ host }: SchedulerAddress): Promise<void> {
  const authority = host.includes(':') ? `[${host}]:8787` : `${host}:8787`;
  const uri = vscode.Uri.from({ scheme: 'http', authority, path: '/status' });
  await vscode.env.openExternal(await vscode.env.asExternalUri(uri));
}

async function insertCell(notebook: vscode.NotebookDocument, code: string): Promise<void> {
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, code, 'python');
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [vscode.NotebookEdit.insertCells(0, [cell])]);
  await vscode.workspace.applyEdit(edit);
}
