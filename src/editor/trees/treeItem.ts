import * as vscode from 'vscode';
import { plainMarkdown } from '../plainMarkdown.js';
import { contextOf, type Icon, type Row } from './row.js';

const collapsible = {
  no: vscode.TreeItemCollapsibleState.None,
  closed: vscode.TreeItemCollapsibleState.Collapsed,
  open: vscode.TreeItemCollapsibleState.Expanded,
} as const;

export function treeItem(id: string, row: Row): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, collapsible[row.opens]);
  item.id = id;
  item.iconPath = iconOf(row.icon);
  item.tooltip = tooltipOf(row.tooltip);
  item.contextValue = contextOf(row.flags);
  item.accessibilityInformation = { label: row.spoken };
  if (row.description !== undefined) item.description = row.description;
  if (row.action !== undefined) {
    const { command, label, arguments: args = [] } = row.action;
    item.command = { command, title: label, arguments: [...args] };
  }
  return item;
}

function iconOf({ id, color }: Icon): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** Values are grids' and users' own words, so none of them is read as Markdown. */
function tooltipOf(lines: Row['tooltip']): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  for (const [index, line] of lines.entries()) {
    if (index > 0) text.appendMarkdown('\n\n');
    if (typeof line === 'string') text.appendMarkdown(plainMarkdown(line));
    else text.appendMarkdown(`**${plainMarkdown(line[0])}** ${plainMarkdown(line[1])}`);
  }
  return text;
}
