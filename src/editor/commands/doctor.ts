import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { unlessAborted } from '../../base/waiting.js';
import { writeAtomically } from '../../base/writeAtomically.js';
import { doctorUri } from '../documents/doctorDocument.js';
import { chosenEnvironment } from '../environments.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';

/** Looks for what is wrong, shows it with what to do about it, and offers the bundle for whoever helps. */
export async function doctor(window: Window): Promise<void> {
  const document = await inProgress('Looking for what is wrong', async (_say, signal) =>
    unlessAborted(Promise.resolve(vscode.workspace.openTextDocument(doctorUri())), signal),
  );
  await vscode.window.showTextDocument(document, { preview: true });
  const save = 'Save Bundle…';
  const chosen = await vscode.window.showInformationMessage(
    'The report is open. For whoever helps you, a bundle has it with logs and versions, without secrets and home paths.',
    save,
  );
  if (chosen === save) await saveBundle(window);
}

async function saveBundle({ bundle }: Window): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    title: 'Save Bundle',
    defaultUri: vscode.Uri.file(join(homedir(), 'sitespan-doctor.tar.gz')),
  });
  if (target === undefined) return;
  const { diagnose } = await import('../../owner/doctor/doctor.js');
  const { bundleOf } = await import('../../owner/doctor/bundle.js');
  await inProgress('Making the bundle', async (_say, signal) => {
    const diagnosis = await diagnose({ bundle, environment: chosenEnvironment(), signal });
    await writeAtomically(target.fsPath, await bundleOf(diagnosis));
  });
  vscode.window.setStatusBarMessage(`The bundle is ${target.fsPath}.`, 5000);
}
