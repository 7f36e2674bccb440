// `npm run bench -- editor`: what the extension's faces cost. Each part measures by itself; --only PART runs one.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { lineOf, type Measured } from './measured.js';
import { sidebar } from './sidebar.js';
import { start } from './start.js';
import { throughputScript } from './throughputScript.js';

const parts: Readonly<Record<string, () => Promise<readonly Measured[]>>> = {
  start,
  sidebar,
  page: throughputScript,
};

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const names = Object.keys(parts).filter((name) => values.only === undefined || name === values.only);
if (names.length === 0)
  throw new Error(`There is no part ${values.only ?? ''}; there are ${Object.keys(parts).join()}.`);
console.log(`${new Date().toISOString()}, load ${loadavg()[0]?.toFixed(1) ?? '?'}\nnpm run bench -- editor\n`);
for (const name of names) {
  for (const one of (await parts[name]?.()) ?? []) console.log(lineOf(one));
}
