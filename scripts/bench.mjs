// `npm run bench`: makes what is missing, then `sitespan bench`, with the arguments passed on.
import { runMain } from './failure.mjs';
import { runCli } from './runCli.mjs';
import { setup } from './setup.mjs';

await runMain(async (args) => {
  await setup();
  return runCli(['bench', ...args]);
});
