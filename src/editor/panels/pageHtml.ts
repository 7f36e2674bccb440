import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** The document of a page of `webview/`: nothing but its own script and style, which are files of ours, may be loaded. */
export function pageHtml(webview: vscode.Webview, bundle: string, page: string, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const address = (name: string): vscode.Uri => webview.asWebviewUri(vscode.Uri.file(join(bundle, 'webview', name)));
  const policy = [
    "default-src 'none'",
    // The toolkit asks the browser what it can do with a style of its own, and finds the nonce in the head.
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<title>${title}</title>
<link rel="stylesheet" href="${address(`${page}.css`)}">
</head>
<body>
<main id="page"><h1>${title}</h1></main>
<script type="module" nonce="${nonce}" src="${address(`${page}.js`)}"></script>
</body>
</html>`;
}
