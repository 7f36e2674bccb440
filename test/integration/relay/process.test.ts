import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { until } from '../../../src/base/waiting.js';
import { dialRelay } from '../../../src/relay/dial.js';
import { RelayListener } from '../../../src/relay/listener.js';
import { ask, askPlain, type Certificate, dialler, makeCertificate, preludeOf, readAll, userKey } from './rig.js';

/** `sitespan relay` as people run it. */
class RelayProcess {
  readonly host = '127.0.0.1';
  port = 0;
  out = '';
  log = '';
  readonly exit: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    this.exit = new Promise((resolve) => child.once('exit', resolve));
  }

  static run(bundle: string, argv: readonly string[], nodeArguments: readonly string[] = []): RelayProcess {
    return new RelayProcess(spawn(process.execPath, [...nodeArguments, bundle, 'relay', ...argv]));
  }

  async listening(): Promise<void> {
    await this.says(/^sitespan relay listening on 127\.0\.0\.1:([0-9]+)\n$/, () => this.out);
    this.port = Number(/:([0-9]+)\n$/.exec(this.out)?.[1]);
  }

  async says(pattern: RegExp, where = () => this.log): Promise<void> {
    await until(() => pattern.test(where()), {
      timeoutMs: 5000,
      everyMs: 5,
      what: `${pattern} of the relay: ${this.log}`,
    });
  }
}

describe('sitespan relay', function () {
  this.timeout(20_000);
  let certificate: Certificate;
  let bundle = '';
  let tenants = '';
  let running: RelayProcess[] = [];

  before(async () => {
    certificate = makeCertificate();
    bundle = join(certificate.folder, 'relay.mjs');
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    await build({
      absWorkingDir: root,
      entryPoints: ['src/cli.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
      logLevel: 'error',
      // As in scripts/build.mjs: bundled CommonJS packages still call require().
      banner: {
        js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
      },
    });
    tenants = join(certificate.folder, 'tenants.json');
  });
  after(() => certificate.remove());
  beforeEach(() => {
    writeFileSync(tenants, JSON.stringify({ tenants: { me: userKey } }), { mode: 0o600 });
    chmodSync(tenants, 0o600);
  });
  afterEach(async () => {
    for (const relay of running) {
      relay.child.kill('SIGKILL');
      await relay.exit;
    }
    running = [];
  });

  function run(more: readonly string[] = [], nodeArguments: readonly string[] = []): RelayProcess {
    const { certFile, keyFile } = certificate;
    const files = ['--tenants', tenants, '--cert', certFile, '--key', keyFile];
    const relay = RelayProcess.run(bundle, [...files, ...more], nodeArguments);
    running.push(relay);
    return relay;
  }
  async function start(port = 0, nodeArguments: readonly string[] = []): Promise<RelayProcess> {
    const relay = run(['--listen', `127.0.0.1:${port}`], nodeArguments);
    await relay.listening();
    return relay;
  }

  it('says where it listens, is well, and ends when it is told to', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const relay = await start();
      const listener = new RelayListener(dialler(relay, certificate, 'worker', 'north-3'), 'north-3:0');
      await listener.registered({ timeoutMs: 5000 });
      assert.match(await askPlain(relay, 'GET /healthz HTTP/1.1\r\n\r\n'), /\{"ok":true,/);
      relay.child.kill(signal);
      assert.equal(await relay.exit, 0);
      listener.dispose();
      assert.match(relay.out, /^[^\n]*\n$/);
    }
  });

  it('logs one JSON object a line, without a secret', async () => {
    const relay = await start();
    const who = dialler(relay, certificate, 'worker', 'north-3');
    const head = preludeOf(who, '/v1/accept', 'a-ticket-of-somebody');
    await ask(relay, certificate, head);
    await ask(relay, certificate, head);
    await relay.says(/replay/);
    const events = relay.log
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    assert.deepEqual(
      events.map((event) => (event instanceof Object && 'code' in event ? event.code : event)),
      ['ticket-unknown', 'replay'],
    );
    for (const secret of [userKey, who.credential.key, 'a-ticket-of-somebody', ...head.matchAll(/[0-9a-f]{64}/g)].map(
      String,
    )) {
      assert.equal(relay.log.includes(secret), false);
    }
  });

  it('serves a tenant as soon as its file names it', async () => {
    const relay = await start();
    const newKey = 'ab'.repeat(32);
    const target = '/v1/connect?to=north-3:1&from=notebook-1:1';
    const newcomer = dialler(relay, certificate, 'client', 'notebook-1', { tenant: 'you', userKey: newKey });
    await assert.rejects(dialRelay(newcomer, target), { code: 'relay-stranger' });
    writeFileSync(tenants, JSON.stringify({ tenants: { me: userKey, you: newKey } }));
    await assert.rejects(dialRelay(newcomer, target), { code: 'unknown-target' });
  });

  it('is killed and comes back: listeners and callers find one another again', async () => {
    const first = await start();
    const listener = new RelayListener(dialler(first, certificate, 'worker', 'north-3'), 'north-3:0');
    try {
      listener.onStream((socket) => socket.end('here again'));
      const id = await listener.registered({ timeoutMs: 5000 });
      first.child.kill('SIGKILL');
      await first.exit;
      const second = await start(first.port);
      const client = dialler(second, certificate, 'client', 'notebook-1');
      const { socket } = await dialRelay(client, `/v1/connect?to=${id}&from=notebook-1:1&again=1`);
      socket.end();
      assert.equal(await readAll(socket), 'here again');
    } finally {
      listener.dispose();
    }
  });

  it('goes on after an exception that nobody caught', async () => {
    const relay = await start(0, [
      '--import',
      'data:text/javascript,setTimeout(() => { throw new Error("oops") }, 1000)',
    ]);
    await relay.says(/"event":"internal-error".*oops/);
    assert.match(await askPlain(relay, 'GET /healthz HTTP/1.1\r\n\r\n'), /200 OK/);
  });

  it('holds little, though one end sends much and the other does not read', async () => {
    const relay = await start();
    const listener = new RelayListener(dialler(relay, certificate, 'worker', 'north-3'), 'north-3:0');
    try {
      // Nobody reads here: the handed out sockets stay paused.
      listener.onStream(() => undefined);
      const target = `/v1/connect?to=${await listener.registered({ timeoutMs: 5000 })}&from=notebook-1:1`;
      const client = dialler(relay, certificate, 'client', 'notebook-1');
      const sockets = await Promise.all(
        Array.from({ length: 8 }, async () => (await dialRelay(client, target)).socket),
      );
      const before = await residentBytes(relay);
      const block = Buffer.alloc(32 << 20);
      for (const socket of sockets) socket.write(block);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const grown = (await residentBytes(relay)) - before;
      for (const socket of sockets) socket.destroy();
      assert.ok(
        grown < 64 << 20,
        `it has grown by ${grown >> 20} MiB for ${(block.length * sockets.length) >> 20} MiB`,
      );
    } finally {
      listener.dispose();
    }
  });

  const wrong: readonly [string, () => readonly string[], RegExp, number][] = [
    ['an address without a port', () => ['--listen', 'localhost'], /--listen must be HOST:PORT/, 2],
    ['an option that there is not', () => ['--loud'], /loud.*sitespan relay --tenants/, 2],
    ['no such certificate', () => ['--cert', '/nowhere/relay.pem'], /cannot read \/nowhere\/relay\.pem/, 1],
    ['a key that does not fit', () => ['--cert', certificate.keyFile], /certificate and key/, 1],
    ['an address that is not its own', () => ['--listen', '192.0.2.1:8790'], /cannot listen on 192\.0\.2\.1:8790/, 1],
  ];
  for (const [what, argv, sentence, code] of wrong) {
    it(`does not start with ${what}, and says so`, async () => {
      const relay = run(argv());
      assert.equal(await relay.exit, code);
      assert.match(relay.log, sentence);
      assert.equal(relay.out, '');
    });
  }
});

/** Of the relay's process, from /proc. */
async function residentBytes(relay: RelayProcess): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const pages = (await readFile(`/proc/${relay.child.pid}/statm`, 'utf8')).split(' ')[1];
  return Number(pages) * 4096;
}
