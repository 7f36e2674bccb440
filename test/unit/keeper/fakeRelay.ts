/** Source that stands for our program run as a relay: it listens where it is told, and says so. Without network it does nothing. */
export const fakeRelay = `
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
const args = process.argv.slice(2);
writeFileSync('started.json', JSON.stringify({ args, env: process.env }));
const [host, port] = args[args.indexOf('--listen') + 1].split(':');
const server = createServer((socket) => socket.end());
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), host, () => console.log('sitespan relay listening on ' + host + ':' + server.address().port));
process.on('SIGTERM', () => process.exit(0));
`;
