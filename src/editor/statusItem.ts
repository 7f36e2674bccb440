import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Remedy } from '../base/errors.js';
import { plainMarkdown } from './plainMarkdown.js';
import type { Status } from './status.js';

const colors: Readonly<Record<Status['tone'], string | undefined>> = {
  plain: undefined,
  waiting: undefined,
  warning: 'statusBarItem.warningBackground',
  error: 'statusBarItem.errorBackground',
};

/** One item of the status bar, changed when what it shows is another. */
export class StatusItem implements vscode.Disposable {
  private item: vscode.StatusBarItem | undefined;
  private shown: Status | undefined;

  /** @param make called when there is something to show for the first time */
  constructor(private readonly make: () => vscode.StatusBarItem) {}

  /** Undefined hides it. */
  show(status: Status | undefined): void {
    if (isDeepStrictEqual(status, this.shown)) return;
    this.shown = status;
    if (status === undefined) {
      this.item?.hide();
      return;
    }
    this.item ??= this.make();
    const { item } = this;
    item.text = status.text;
    item.tooltip = tooltipOf(status);
    item.command = commandOf(status.action);
    item.accessibilityInformation = { label: status.spoken, role: 'button' };
    const color = colors[status.tone];
    item.backgroundColor = color === undefined ? undefined : new vscode.ThemeColor(color);
    item.show();
  }

  dispose(): void {
    this.item?.dispose();
  }
}

/** @param priority higher ones are further left */
export function madeItem(id: string, name: string, priority: number): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, priority);
  item.name = name;
  return item;
}

function commandOf({ command, label, arguments: args = [] }: Remedy): vscode.Command {
  return { command, title: label, arguments: [...args] };
}

function tooltipOf({ lines, links }: Status): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: links.map(({ command }) => command) };
  for (const line of lines) text.appendMarkdown(`${plainMarkdown(line)}\n\n`);
  text.appendMarkdown(links.map((link) => `[${link.label}](${uriOf(link)})`).join(' · '));
  return text;
}

function uriOf({ command, arguments: args = [] }: Remedy): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
}
