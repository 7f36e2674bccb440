import * as vscode from 'vscode';

/** Asks before a kernel's names are lost. @returns whether it is wished */
export async function confirmLoss(sentence: string, wish: string): Promise<boolean> {
  const detail = 'What it runs is given up, and its variables are lost. Outputs stay.';
  return (await vscode.window.showWarningMessage(sentence, { modal: true, detail }, wish)) === wish;
}
