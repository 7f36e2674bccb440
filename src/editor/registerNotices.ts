import * as vscode from 'vscode';
import type { Fleet } from './fleet.js';
import { Notices } from './notices.js';

/** Shows notices in this window. */
export function registerNotices(fleet: Fleet): vscode.Disposable {
  return new Notices(fleet, {
    show: (sentence) => void vscode.window.showInformationMessage(sentence),
    isFocused: () => vscode.window.state.focused,
  });
}
