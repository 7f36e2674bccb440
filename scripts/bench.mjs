// `npm run bench`: makes what is missing, then `sitespan bench`, with the arguments passed on. What needs a browser, an editor or a rig is not in the program: `npm run bench -- editor`, `npm run bench -- dirac`.
import { join } from 'node:path';
import { runMain } from './failure.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { runCli } from './runCli.mjs';
import { setup } from './setup.mjs';

const minuteMs = 60_000;
const apart = ['editor', 'dirac'];

await runMain(async (args) => {
  await setup();
  const [part = ''] = args;
  if (!apart.includes(part)) return runCli(['bench', ...args]);
  const program = join(root, 'bench', part, 'main.ts');
  const { code } = await run(process.execPath, ['--import', 'tsx', program, ...args.slice(1)], {
    cwd: root,
    env: process.env,
    show: true,
    limitMs: 20 * minuteMs,
  });
  return code;
});
