import * as vscode from 'vscode';
import { SitespanError } from '../base/errors.js';
import { stateOf } from './states.js';

/** For what starts programs that the folder may have brought. @throws SitespanError `untrusted` */
export function requireTrust(): void {
  if (!vscode.workspace.isTrusted) throw new SitespanError('untrusted', stateOf('untrusted').sentence);
}
