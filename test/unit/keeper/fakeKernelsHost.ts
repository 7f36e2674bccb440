/**
 * Source that stands for `python -m sitespan.kernels`: notes how it was started in `started.json` and what it is asked in
 * `asked.jsonl`; its state is `idle`, but for what `state.json` says. It knows no notebook in `/none`.
 */
export const fakeKernelsHost = `
const { createServer } = require('node:http');
const { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
const after = (name) => args[args.indexOf(name) + 1];
const folder = after('--folder');
writeFileSync(join(folder, 'started.json'), JSON.stringify({ args, cwd: process.cwd(), env: process.env }));
process.on('SIGTERM', () => process.exit(0));
// As the real one, which takes the place of a predecessor's socket.
rmSync(after('--socket'), { force: true });
createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET') {
      const state = join(folder, 'state.json');
      const said = existsSync(state) ? JSON.parse(readFileSync(state, 'utf8')) : {};
      const all = { kernel: 'idle', queue: [], cells: {}, input: null, notebooks: {}, offset: 0, ...said };
      response.end(JSON.stringify(all));
      return;
    }
    appendFileSync(join(folder, 'asked.jsonl'), JSON.stringify([request.url, JSON.parse(body)]) + '\\n');
    if (body.includes('"/none')) {
      response.statusCode = 404;
      response.end('{"code": "notebook-missing", "message": "There is no notebook /none/a.ipynb."}');
    } else response.end('{"id": "run", "cells": []}');
  });
}).listen(after('--socket'), () => console.log('up'));
`;
