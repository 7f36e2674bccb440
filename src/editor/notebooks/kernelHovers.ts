import { stripVTControlCharacters } from 'node:util';
import * as vscode from 'vscode';
import { notebookType } from '../../ids.js';
import { multiline } from '../../notebook/outputs.js';
import { askKernel } from './askKernel.js';
import type { OnClusters } from './onClusters.js';
import { toCharacters } from './unicodeOffsets.js';

/** A hover is looked at, not read. */
const mostCharacters = 4000;

/** What a name in a cell is, as the kernel knows it. */
export class KernelHovers implements vscode.HoverProvider {
  constructor(private readonly notebooks: OnClusters) {}

  static register(notebooks: OnClusters): vscode.Disposable {
    return vscode.languages.registerHoverProvider({ notebookType, language: 'python' }, new KernelHovers(notebooks));
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const word = document.getWordRangeAtPosition(position);
    if (word === undefined) return undefined;
    const code = document.getText();
    const cursor = toCharacters(code, document.offsetAt(word.end));
    const found = await askKernel(this.notebooks, document, token, (client, signal) =>
      client.inspect(code, cursor, 0, signal),
    );
    const text = found?.found ? multiline.safeParse(found.data['text/plain']).data : undefined;
    if (text === undefined || text.trim() === '') return undefined;
    const plain = stripVTControlCharacters(text);
    const cut = plain.length > mostCharacters ? `${plain.slice(0, mostCharacters)}\n…` : plain;
    return new vscode.Hover(new vscode.MarkdownString().appendCodeblock(cut, 'text'), word);
  }
}
