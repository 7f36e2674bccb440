import { standIn } from './standIn.js';

const has = {
  python: '3.11.7',
  executable: '/usr/bin/python3',
  machine: 'x86_64',
  packages: { dask: '2026.8.0', distributed: '2026.8.0' },
  root: null,
};

/**
 * An interpreter that can say what it has, so that a cluster can be made with it, and nothing else: all the rest of it is Node.
 *
 * @returns `path`
 */
export function describedStandIn(path: string): Promise<string> {
  return standIn(
    path,
    `const args = process.argv.slice(2);
if (args[1] === 'sitespan.environment') console.log(${JSON.stringify(JSON.stringify(has))});
else process.exitCode = require('node:child_process').spawnSync(process.execPath, args, { stdio: 'inherit' }).status;`,
  );
}
