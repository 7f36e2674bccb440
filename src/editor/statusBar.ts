import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Remedy } from '../base/errors.js';
import type { Fleet } from './fleet.js';
import { plainMarkdown } from './plainMarkdown.js';
import type { Status } from './status.js';

const colors: Readonly<Record<Status['tone'], string | undefined>> = {
  plain: undefined,
  waiting: undefined,
  warning: 'statusBarItem.warningBackground',
  error: 'statusBarItem.errorBackground',
};

/** One item for the cluster that a person is at. It appears when clusters have been looked for. */
export function registerStatusBar(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('sitespan.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Sitespan';
  let shown: Status | undefined;
  const show = async (): Promise<void> => {
    const { statusOf } = await import('./status.js');
    const status = statusOf(fleet);
    if (status === undefined || isDeepStrictEqual(status, shown)) return;
    shown = status;
    item.text = status.text;
    item.tooltip = tooltipOf(status);
    item.command = commandOf(status.action);
    item.accessibilityInformation = { label: status.spoken, role: 'button' };
    const color = colors[status.tone];
    item.backgroundColor = color === undefined ? undefined : new vscode.ThemeColor(color);
    item.show();
  };
  const heard = fleet.onDidChange(() => {
    show().catch(onError);
  });
  return vscode.Disposable.from(item, heard);
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
