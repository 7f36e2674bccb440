// Loaded by mocha before any test (.mocharc.json): `import 'vscode'`, which only VS Code has, is then the stand-in beside this file.
import { register } from 'node:module';

const url = new URL('./vscode.mjs', import.meta.url).href;
const hooks = `export const resolve = (name, context, next) =>
  name === 'vscode' ? { url: ${JSON.stringify(url)}, format: 'module', shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
