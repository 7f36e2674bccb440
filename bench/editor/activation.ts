import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/** What a window's start with the extension did. */
const activation = z.object({
  /** Loading and activating it, in milliseconds. */
  ms: z.number(),
  /** Addresses of the modules that were loaded: pieces of the bundle, Node's own, packages. */
  loaded: z.array(z.string()),
  /** Programs that were started, sockets that were opened, timers that were set. */
  started: z.array(z.string()),
  connected: z.array(z.string()),
  timers: z.int(),
  /** Calls of VS Code's API by name. */
  called: z.array(z.string()),
});
export type Activation = z.infer<typeof activation>;

const limitMs = 30_000;

/**
 * Loads and activates the bundled extension in a Node of its own, with something in the place of VS Code that takes every
 * call and answers none: so all that is seen is what activation does by itself.
 *
 * @param extension path of `extension.js`
 */
export async function activateOnce(extension: string): Promise<Activation> {
  const names = await namesUsed(dirname(extension));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, extension, JSON.stringify(names)],
    { timeout: limitMs },
  );
  return activation.parse(JSON.parse(stdout));
}

/** What the bundle uses of VS Code. */
async function namesUsed(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const found = texts.flatMap((text) => [...text.matchAll(/\bvscode\d*\.([A-Za-z]\w*)/g)].map(([, name = '']) => name));
  return [...new Set(found)].sort();
}

/** Runs in the other Node. The place of VS Code is a function that is also an object of such functions, whatever is asked of it. */
const program = `
import childProcess from 'node:child_process';
import { register, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const [extension, names] = process.argv.slice(1);
const called = [], started = [], connected = [];
globalThis.vscodeStandIn = (name) => {
  const of = (path) => new Proxy(function () {}, {
    get: (target, key) => {
      if (key === 'prototype') return target.prototype;
      if (key === 'then' && !path.endsWith('()')) return undefined;
      if (typeof key === 'symbol') return undefined;
      // What VS Code is asked for is never answered.
      if (key === 'then') return () => of(path);
      if (key === 'length') return 0;
      return of(path + '.' + key);
    },
    apply: (_target, _self, args) => {
      called.push(path);
      return of(path + '()');
    },
    set: () => true,
    construct: () => of('new ' + path),
  });
  return of(name);
};
const standIn = JSON.parse(names).map((name) => 'export const ' + name + ' = globalThis.vscodeStandIn(' + JSON.stringify(name) + ');').join('\\n');
const hooks = \`
let port, standIn;
export function initialize(data) { port = data.port; standIn = data.standIn; }
export function resolve(name, context, next) {
  return name === 'vscode' ? { url: 'vscode:stand-in', format: 'module', shortCircuit: true } : next(name, context);
}
export function load(url, context, next) {
  port.postMessage(url);
  return url === 'vscode:stand-in' ? { format: 'module', source: standIn, shortCircuit: true } : next(url, context);
}\`;
const { port1, port2 } = new MessageChannel();
register('data:text/javascript,' + encodeURIComponent(hooks), { data: { port: port2, standIn }, transferList: [port2] });

for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
  childProcess[name] = (command) => { started.push(String(command)); throw new Error('not here'); };
}
net.Socket.prototype.connect = function (...args) { connected.push(JSON.stringify(args[0])); return this; };
net.Server.prototype.listen = function (...args) { connected.push('listen ' + JSON.stringify(args[0])); return this; };
syncBuiltinESMExports();
let timers = 0;
const real = { setTimeout, setInterval, setImmediate };
for (const name of Object.keys(real)) globalThis[name] = (...args) => { timers++; return real[name](...args); };

const context = { subscriptions: [], extensionPath: new URL('../..', pathToFileURL(extension)).pathname, globalState: globalThis.vscodeStandIn('globalState'), workspaceState: globalThis.vscodeStandIn('workspaceState'), secrets: globalThis.vscodeStandIn('secrets'), extensionUri: globalThis.vscodeStandIn('extensionUri') };
const before = performance.now();
const { activate } = await import(pathToFileURL(extension).href);
await activate(context);
const ms = performance.now() - before;
const seen = timers;
// What it put off to the next turns of the loop counts, too.
await new Promise((resolve) => real.setTimeout(resolve, 100));
const loaded = [];
for (let message = receiveMessageOnPort(port1); message !== undefined; message = receiveMessageOnPort(port1)) loaded.push(message.message);
process.stdout.write(JSON.stringify({ ms, loaded, started, connected, timers: Math.max(seen, timers), called }), () => process.exit(0));
`;
