import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { nodeEnvironment } from '../environment/childEnvironment.js';
import type { Window } from './window.js';

/** The terminal stays until its reader has read: a shell runs the command given as its arguments, and waits. */
const readToTheEnd = `
trap : INT
"$@"
printf '\\n[Ended with exit code %s. Enter closes this terminal.]\\n' "$?"
read -r _
`;

/** What is run: words, none of which a shell ever reads. */
export interface ProgramTerminal {
  readonly name: string;
  readonly icon: string;
  readonly args: readonly string[];
  /** The user's home unless told otherwise. */
  readonly cwd?: string;
}

/** Runs our command line in a terminal, and shows it. */
export function showProgramTerminal({ bundle }: Window, { name, icon, args, cwd }: ProgramTerminal): void {
  const terminal = vscode.window.createTerminal({
    name,
    iconPath: new vscode.ThemeIcon(icon),
    shellPath: '/bin/sh',
    shellArgs: ['-c', readToTheEnd, 'sitespan', process.execPath, join(bundle, 'cli.mjs'), ...args],
    cwd: cwd ?? homedir(),
    env: nodeEnvironment(),
    strictEnv: true,
  });
  terminal.show();
}
