import { createRequire } from 'node:module';

/**
 * Source that stands for `python -m sitespan.scheduler`: serves `state.json` of its folder as its state, sends it anew on
 * SIGUSR2, and notes in `asked.jsonl` what it is asked. It takes the token of its folder and no other.
 */
export const fakeScheduler = `
const { appendFileSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { WebSocketServer } = require(${JSON.stringify(createRequire(import.meta.url).resolve('ws'))});
const args = process.argv.slice(2);
const folder = args[args.indexOf('--folder') + 1];
const read = (name) => readFileSync(folder + '/' + name, 'utf8');
writeFileSync(folder + '/started.json', JSON.stringify({ args, env: process.env }));
const isKnown = (request) => request.headers.authorization === 'Bearer ' + read('token');
const answers = {
  '/sitespan/code': { code: 'a/b&c' },
  '/sitespan/retire': { retired: ['main-1'], unknown: ['main-2'], unfinished: [] },
};
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    appendFileSync(folder + '/asked.jsonl', JSON.stringify([request.url, JSON.parse(body)]) + '\\n');
    const answer = isKnown(request) ? answers[request.url] : undefined;
    if (answer === undefined) response.statusCode = 401;
    response.end(answer === undefined ? 'who are you?' : JSON.stringify(answer));
  });
});
const viewers = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  if (!isKnown(request) || request.url !== '/sitespan/watch') socket.destroy();
  else viewers.handleUpgrade(request, socket, head, (viewer) => viewer.send(read('state.json')));
});
process.on('SIGUSR2', () => {
  for (const viewer of viewers.clients) viewer.send(read('state.json'));
});
process.on('SIGHUP', () => {
  for (const viewer of viewers.clients) viewer.terminate();
});
process.on('SIGTERM', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const environment = { python: '3.11.7', executable: '/usr/bin/python3', machine: 'x86_64', packages: {}, root: null };
  const { port } = server.address();
  writeFileSync(folder + '/.http', JSON.stringify({ port, pid: process.pid, environment }));
  renameSync(folder + '/.http', folder + '/http.json');
});
`;
