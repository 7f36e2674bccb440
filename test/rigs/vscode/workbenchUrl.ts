import { resolve } from 'node:path';

export interface Workbench {
  /** A folder or `.code-workspace`; null for none. */
  readonly workspace: string | null;
  readonly development?: string | undefined;
  readonly tests?: string | undefined;
}

/** Where a server shows its workbench. VS Code in a browser takes one extension under development. */
export function workbenchUrl(
  server: { readonly port: number; readonly token: string | undefined },
  { workspace, development, tests }: Workbench,
): string {
  const query = new URLSearchParams();
  if (server.token !== undefined) query.set('tkn', server.token);
  if (workspace === null) query.set('ew', 'true');
  else query.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', resolve(workspace));
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${server.port}${resolve(path)}`;
  const payload = [
    ...(development === undefined ? [] : [['extensionDevelopmentPath', remote(development)]]),
    ...(tests === undefined ? [] : [['extensionTestsPath', remote(tests)]]),
  ];
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${server.port}/?${query}`;
}
