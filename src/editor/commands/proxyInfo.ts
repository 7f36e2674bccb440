import * as vscode from 'vscode';
import { proxyUri } from '../documents/proxyDocument.js';
import type { Window } from '../window.js';

/** Shows whose proxies those of the used grids are, for what, how long, and what is wrong with them. */
export async function proxyInfo({ proxies }: Window): Promise<void> {
  await proxies.refresh();
  const document = await vscode.workspace.openTextDocument(proxyUri());
  await vscode.window.showTextDocument(document, { preview: true });
}
