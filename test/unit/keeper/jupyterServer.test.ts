import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptKept, endKept, exitOf, keptOf } from '../../../src/base/child/kept.js';
import { unlessAbsent } from '../../../src/base/systemError.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { Identities } from '../../../src/keeper/identities.js';
import { JupyterServer } from '../../../src/keeper/jupyterServer.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { fakeJupyter } from './fakeJupyter.js';
import { standIn } from './standIn.js';

describe('JupyterServer', function () {
  this.timeout(120_000);
  // Before the scratch folder goes, and what is known of the child with it.
  afterEach(() => endKept(folder(), { graceMs: 0 }));
  const scratch = scratchFolder();
  const folder = (): string => join(scratch(), 'jupyter');
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const identities = new Identities(ClusterAuthority.create(), relay, 'me', 'ttbar-1a2b3c', 'ab'.repeat(32));
  const identity = identities.issue('client', 'jupyter');
  let wishes: number;
  let problems: unknown[];
  beforeEach(async () => {
    wishes = 0;
    problems = [];
    await writeHas('2.21.1');
  });

  const writeHas = (server: string | null): Promise<void> => {
    const notebook = { ipykernel: '7.4.0', jupyter_client: '8.10.0', jupyter_server: server };
    const has = {
      python: '3.11.7',
      executable: '/opt/bin/python',
      machine: 'x86_64',
      packages: {},
      root: null,
      notebook,
    };
    return writeFile(join(scratch(), 'has.json'), JSON.stringify(has));
  };
  const server = async (wanted = false): Promise<JupyterServer> =>
    new JupyterServer({
      folder: folder(),
      cluster: 'ttbar',
      python: await standIn(join(scratch(), 'python'), fakeJupyter),
      packageFolder: '/bundle/python',
      identity,
      wanted,
      want: async () => {
        wishes++;
      },
      onProblem: (error) => problems.push(error),
    });
  const text = (name: string): Promise<string> => readFile(join(folder(), name), 'utf8');
  /** Looks as the keeper does, again and again. */
  const looks = (one: JupyterServer, what: string, condition: () => boolean): Promise<void> =>
    until(
      async () => {
        await one.look();
        return condition();
      },
      { timeoutMs: 60_000, everyMs: 20, what },
    );
  const kill = async (): Promise<void> => {
    const kept = await keptOf(folder());
    assert.ok(kept);
    process.kill(-kept.mark.pid, 'SIGKILL');
    await until(async () => (await exitOf(folder())) !== undefined, { timeoutMs: 60_000, what: "The server's end" });
  };

  it('is not started before somebody asks for it', async () => {
    const one = await server();
    assert.equal(await one.look(), false);
    assert.equal(one.port, undefined);
    assert.equal(await unlessAbsent(stat(folder())), undefined);
  });

  it('tells where it is and what to show there, and notes first that it is wanted', async () => {
    const one = await server();
    const { url, token, version } = await one.start();
    assert.equal(url, `http://127.0.0.1:${one.port}/`);
    assert.equal(version, '2.21.1');
    assert.equal(token, await text('token'));
    assert.equal(wishes, 1);
  });

  it('is one, however many ask for it at once', async () => {
    const one = await server();
    const [first, second] = await Promise.all([one.start(), one.start()]);
    assert.deepEqual(first, second);
    assert.deepEqual(await one.start(), first);
    assert.equal(wishes, 1);
  });

  it('shows its secrets to nobody, and tells its kernels where theirs is', async () => {
    const { token } = await (await server()).start();
    for (const name of ['token', 'identity.json']) {
      assert.equal((await stat(join(folder(), name))).mode & 0o777, 0o600);
    }
    const started = await text('started.json');
    for (const secret of [token, identity.credential.key, 'PRIVATE KEY']) assert.ok(!started.includes(secret));
    assert.ok(started.includes(`"SITESPAN_IDENTITY":"${join(folder(), 'identity.json')}"`));
  });

  it('is taken over by the next keeper', async () => {
    const address = await (await server()).start();
    const next = await server(true);
    await looks(next, 'The port of the one that runs', () => next.port !== undefined);
    assert.deepEqual(await next.start(), address);
    assert.equal(wishes, 1);
    assert.deepEqual(problems, []);
  });

  it('is started by the next keeper where the one before was killed before it could', async () => {
    const next = await server(true);
    await looks(next, 'The server that was wanted', () => next.port !== undefined);
    assert.deepEqual(problems, []);
  });

  it('is started again when it has died, with another token', async () => {
    const one = await server();
    const { token } = await one.start();
    const before = one.port;
    await kill();
    await looks(one, 'Another server', () => one.port !== undefined && one.port !== before);
    assert.notEqual((await one.start()).token, token);
    assert.match(String(problems[0]), /The Jupyter server of the cluster ttbar on this computer has ended/);
  });

  it('is a sentence where the environment has none, and nothing is begun or noted', async () => {
    await writeHas(null);
    const one = await server();
    await assert.rejects(one.start(), {
      code: 'jupyter-missing',
      message:
        /^The cluster ttbar cannot be offered as a Jupyter server: .* has no jupyter_server; install it there \(\/opt\/bin\/python -m pip install jupyter_server\)/,
    });
    assert.equal(wishes, 0);
    await writeHas('2.21.1');
    assert.equal((await one.start()).version, '2.21.1', 'once it is installed, it is found');
  });

  it('tells its last words when it does not start, and tries ever more seldom', async () => {
    await writeFile(join(scratch(), 'ends'), '');
    const one = await server();
    await assert.rejects(one.start(), { code: 'jupyter-start-failed', message: /has ended: no port is free; its log/ });
    await looks(one, 'Two further tries', () => problems.length === 2);
    const tried = Date.now();
    await looks(one, 'A further try', () => problems.length === 3);
    assert.ok(Date.now() - tried > 2000, 'the third pause is longer than the first');
    await rm(join(scratch(), 'ends'));
    await one.start();
  });

  it('ends with the cluster, also while it starts, and is not started again', async () => {
    const one = await server();
    const starting = one.start();
    starting.catch(() => undefined);
    await one.end();
    await assert.rejects(starting, { code: 'cluster-closing' });
    assert.equal(await adoptKept(folder()), undefined);
    await assert.rejects(one.start(), { code: 'cluster-closing' });
    assert.equal(await one.look(), false);
    assert.equal(await adoptKept(folder()), undefined);
  });
});
