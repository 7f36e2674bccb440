/**
 * Source that stands for the user's Python: says of its environment what `has.json` beside it holds, and as
 * `python -m sitespan.jupyter` writes `http.json` with its own number as the port and goes on, or ends at once with a sentence
 * where there is a file `ends`.
 */
export const fakeJupyter = `
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const beside = (name) => join(__dirname, name);
const args = process.argv.slice(2);
if (args.includes('sitespan.environment')) {
  process.stdout.write(readFileSync(beside('has.json'), 'utf8') + '\\n');
} else {
  const folder = args[args.indexOf('--folder') + 1];
  writeFileSync(join(folder, 'started.json'), JSON.stringify({ args, env: process.env }));
  if (existsSync(beside('ends'))) {
    console.error('sitespan: no port is free.');
    process.exit(2);
  }
  writeFileSync(join(folder, 'http.json'), JSON.stringify({ port: process.pid % 60000 + 1, pid: process.pid, version: '2.21.1' }));
  setInterval(() => undefined, 1000);
}
`;
