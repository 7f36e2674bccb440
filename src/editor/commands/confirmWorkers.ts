import * as vscode from 'vscode';

/** The second word that a cluster wants before it asks for very many workers. */
export async function confirmWorkers(question: string): Promise<boolean> {
  const yes = 'Ask for Them';
  return (await vscode.window.showWarningMessage(question, { modal: true }, yes)) === yes;
}
