// `npm run bench`: makes what is missing, then `sitespan bench`, with the arguments passed on. What needs a browser or an editor is not in the program: `npm run bench -- editor`.
import { join } from 'node:path';
import { runMain } from './failure.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { runCli } from './runCli.mjs';
import { setup } from './setup.mjs';

const minuteMs = 60_000;

await runMain(async (args) => {
  await setup();
  if (args[0] !== 'editor') return runCli(['bench', ...args]);
  const program = join(root, 'bench', 'editor', 'main.ts');
  const { code } = await run(process.execPath, ['--import', 'tsx', program, ...args.slice(1)], {
    cwd: root,
    env: process.env,
    show: true,
    limitMs: 20 * minuteMs,
  });
  return code;
});
