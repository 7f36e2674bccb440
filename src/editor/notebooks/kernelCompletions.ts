import * as vscode from 'vscode';
import { z } from 'zod';
import { notebookType } from '../../ids.js';
import { askKernel } from './askKernel.js';
import type { OnClusters } from './onClusters.js';
import { toCharacters, toUnits } from './unicodeOffsets.js';

/** What ipykernel says of its matches beyond their text. */
const types = z.object({
  _jupyter_types_experimental: z.array(z.object({ text: z.string(), type: z.string() })).catch([]),
});

/** More is no help to somebody who types. */
const mostItems = 500;

const kinds: Readonly<Record<string, vscode.CompletionItemKind>> = {
  function: vscode.CompletionItemKind.Function,
  class: vscode.CompletionItemKind.Class,
  module: vscode.CompletionItemKind.Module,
  instance: vscode.CompletionItemKind.Variable,
  statement: vscode.CompletionItemKind.Variable,
  property: vscode.CompletionItemKind.Property,
  param: vscode.CompletionItemKind.TypeParameter,
  keyword: vscode.CompletionItemKind.Keyword,
  path: vscode.CompletionItemKind.File,
  magic: vscode.CompletionItemKind.Event,
};

/** What may come next in a cell, as the kernel knows it: names that exist, columns of a frame, keys of a dictionary. */
export class KernelCompletions implements vscode.CompletionItemProvider {
  constructor(private readonly notebooks: OnClusters) {}

  static register(notebooks: OnClusters): vscode.Disposable {
    const selector = { notebookType, language: 'python' };
    return vscode.languages.registerCompletionItemProvider(selector, new KernelCompletions(notebooks), '.');
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.CompletionList | undefined> {
    const code = document.getText();
    const cursor = toCharacters(code, document.offsetAt(position));
    const found = await askKernel(this.notebooks, document, token, (client, signal) =>
      client.complete(code, cursor, signal),
    );
    if (found === undefined) return undefined;
    const range = new vscode.Range(
      document.positionAt(toUnits(code, found.cursor_start)),
      document.positionAt(toUnits(code, found.cursor_end)),
    );
    const said = types.safeParse(found.metadata).data?._jupyter_types_experimental ?? [];
    const typeOf = new Map(said.map(({ text, type }) => [text, type]));
    const items = found.matches.slice(0, mostItems).map((text, at) => {
      const item = new vscode.CompletionItem(text, kinds[typeOf.get(text) ?? ''] ?? vscode.CompletionItemKind.Text);
      item.range = range;
      // The kernel's own order: what begins with an underscore comes last.
      item.sortText = String(at).padStart(4, '0');
      return item;
    });
    return new vscode.CompletionList(items, found.matches.length > mostItems);
  }
}
