// `npm run vscode`: the extension as it is built, in a VS Code on the example. The desktop's where there is `code`, else that of the tests.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { install } from '../test/rigs/vscode/install.mjs';
import { Failure, runMain } from './failure.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { setup } from './setup.mjs';

const example = join(root, 'examples', 'agc-ttbar');

await runMain(async () => {
  await setup();
  const desktop = findCode();
  if (desktop !== undefined) {
    const { code, output } = await run(desktop, ['--new-window', `--extensionDevelopmentPath=${root}`, example]);
    if (code !== 0) throw new Failure(`${output.trim()}\n${desktop} did not open; what it said is above.`);
    return 0;
  }
  await install();
  const serve = join(root, 'test', 'rigs', 'vscode', 'serve.ts');
  const { code } = await run(process.execPath, ['--import', 'tsx', serve, example], { show: true });
  return code ?? 1;
});

/** Node looks on PATH only, and a terminal's `code` may be a function of the shell: that one is not ours to call. */
function findCode() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'code')).find((path) => existsSync(path));
}
