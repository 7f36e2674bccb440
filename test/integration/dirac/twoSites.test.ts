import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { until } from '../../../src/base/waiting.js';
import { calls, type LifeSnapshot, verdict } from '../../../src/keeper/api.js';
import { dialRelay } from '../../../src/relay/dial.js';
import { type Identity, identitySchema } from '../../../src/relay/identity.js';
import type { Id } from '../../../src/relay/names.js';
import { connectTarget } from '../../../src/relay/request.js';
import { ClusterRig, example, Home, processesOf, python, root, runExample } from '../../rigs/cluster/clusterRig.js';
import { assertSameNumbers } from '../../rigs/cluster/sameNumbers.js';
import { DiracRig, sites } from '../../rigs/dirac/diracRig.js';
import { inputSandbox } from '../../rigs/dirac/inputSandbox.js';
import { assertUnreachable } from '../../rigs/net/assertUnreachable.js';
import { GroupRelay } from '../../rigs/net/groupRelay.js';
import { idOf, shownCertificate } from '../../rigs/net/shownCertificate.js';
import { type WalledSite, WalledSites } from '../../rigs/net/walledSites.js';
import { secretFilesBelow } from '../../rigs/security/secretFiles.js';
import { Cli } from '../../rigs/terminal/cli.js';
import { DocumentedCommands } from '../../rigs/terminal/documentedCommands.js';
import { writeNotebook } from '../../rigs/terminal/notebooks.js';

const patienceMs = 120_000;
const passphrase = 'the passphrase of a test';
const variables = ['XDG_CONFIG_HOME', 'X509_USER_CERT', 'X509_USER_KEY', 'X509_USER_PROXY', 'X509_CERT_DIR'] as const;

/** Lets each worker say in its own output where it is, and writes who is where at which address. */
const whereabouts = `
import json, os
from dask.distributed import Client, get_worker

def here(dask_worker):
    namespace = os.stat("/proc/self/ns/net").st_ino
    print(f"network namespace {namespace}", flush=True)
    return {"name": dask_worker.name, "namespace": namespace}

found = Client().run(here)
with open(WHERE, "w") as file:
    json.dump([{"address": address, **said} for address, said in found.items()], file)
`;
const places = z.array(z.object({ address: z.string(), name: z.string(), namespace: z.int() }));

/** Long enough for a relay that can be reached, on a busy machine too. */
const enrolSeconds = 8;

const runWithoutCluster = async (data: string, results: string): Promise<void> => {
  await runExample('make_data.py', data, '--scale', '0.005');
  await runExample('run_plain.py', data, results, '--chunksize', '100000');
};

/** Those with nodes, in the order of the walled sites. */
const both: readonly string[] = [sites.bristol, sites.ralpp];

describe('from a certificate to a notebook on two sites', function () {
  // Each stage needs the one before.
  this.retries(0).bail(true);
  this.timeout(300_000);
  const given = variables.map((name) => [name, process.env[name]] as const);
  let home: Home;
  let folder: string;
  let net: WalledSites;
  let relay: GroupRelay;
  let dirac: DiracRig;
  let page: DocumentedCommands;
  let cluster: ClusterRig;
  let other: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
    folder = await mkdtemp(join(tmpdir(), 'sitespan-two-sites-'));
    net = new WalledSites();
    net.close();
    [dirac, relay] = await Promise.all([
      DiracRig.start({ walled: net }),
      GroupRelay.start(net.hub, folder),
      runWithoutCluster(join(folder, 'data'), join(folder, 'plain.json')),
    ]);
    const key = join(folder, 'userkey.pem');
    const clear = createPrivateKey(await readFile(dirac.pki.key('carol')));
    await writeFile(key, clear.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }), {
      mode: 0o600,
    });
    Object.assign(process.env, {
      XDG_CONFIG_HOME: join(folder, 'config'),
      X509_USER_CERT: dirac.pki.certificate('carol'),
      X509_USER_KEY: key,
      X509_USER_PROXY: join(folder, 'proxy.pem'),
      X509_CERT_DIR: dirac.pki.authorities,
    });
    page = await DocumentedCommands.read(join(root, 'docs', 'two-sites.md'), {
      'https://dirac.example:8443': [dirac.url],
      'https://dirac.example:9135/Configuration/Server': [dirac.configuration],
      '.venv/bin/python': [python],
      'conda:/cvmfs/sw.example/agc': [python],
      'relay.example:443': [`${net.hub}:${relay.address.port}`, '--relay-name', relay.address.serverName],
      'relay.key': [relay.keyFile],
      'relay.pem': [relay.caFile],
      'ttbar.ipynb': [join(example, 'ttbar.ipynb'), '--output', join(folder, 'executed.ipynb'), '-p', 'CHUNKSIZE=5000'],
      '/data/agc': [join(folder, 'data')],
      'results.json': [join(folder, 'results.json')],
    });
  });
  after(async () => {
    try {
      await Cli.killAll();
      await other?.close();
      await cluster?.close();
      assert.deepEqual(processesOf(home.folder), [], 'something was left running');
    } finally {
      relay?.stop();
      await dirac?.stop();
      net?.dispose();
      for (const [name, value] of given) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await rm(folder, { recursive: true, force: true });
      await home.remove();
    }
  });

  const succeeds = async (...args: string[]): Promise<string> => {
    const run = Cli.start(...args);
    const code = await run.end(patienceMs);
    assert.equal(code, 0, `sitespan ${args.join(' ')}: ${run.output} ${run.errors}`);
    return run.output;
  };
  /** Runs the page's next command that begins so. */
  const says = (beginning: string): Promise<string> => succeeds(...page.take(beginning));
  const lives = (of = cluster): Promise<LifeSnapshot[]> => of.lives();
  const untilLives = async (what: string, wanted: (all: LifeSnapshot[]) => boolean, of = cluster): Promise<void> => {
    let last: LifeSnapshot[] = [];
    const asked = async (): Promise<boolean> => {
      last = await lives(of);
      return wanted(last);
    };
    await until(asked, { timeoutMs: patienceMs, everyMs: 300, what }).catch((error: unknown) =>
      assert.fail(`${String(error)}\n${JSON.stringify(last, null, 1)}`),
    );
  };
  const working = (all: readonly LifeSnapshot[]) => all.filter(({ phase }) => phase === 'working');
  const lastOf = ({ steps }: LifeSnapshot): string => steps.at(-1)?.evidence ?? '';
  const walled = (site: string): WalledSite => {
    const found = net.sites[both.indexOf(site)];
    assert.ok(found, site);
    return found;
  };
  /** A folder with what a worker's job was given. */
  const sandboxOf = async (name: string): Promise<string> => {
    const job = (await lives()).find((life) => life.name === name)?.job;
    assert.ok(job, name);
    return inputSandbox(specOfCarol(), job, folder);
  };
  const specOfCarol = () => dirac.spec('carol', { proxy: join(folder, 'proxy.pem'), pollSeconds: 1 });
  let where: z.infer<typeof places> = [];

  it('a proxy is made of a protected key, and one is uploaded, for jobs', async () => {
    const init = Cli.atTerminal(...page.take('proxy init'));
    await init.says(/Passphrase of .*userkey\.pem: /);
    init.type(`${passphrase}\r`);
    assert.equal(await init.end(patienceMs), 0, init.output);
    assert.match(init.output, /CN=carol example\s+group +gridpp_user/);
    assert.ok(!init.output.includes(passphrase));
    const kept = await dirac.call('carol', 'Framework/ProxyManager', 'getUserProxiesInfo');
    assert.deepEqual(Object.keys(Object(kept)), [await dirac.pki.subject('carol')]);
  });

  it('a grid is added, and four workers come over two sites that let nobody in', async () => {
    assert.match(await says('grid add'), /gridpp is added: setup Test, VO gridpp, group gridpp_user/);
    // This DIRAC is asked more often than others like.
    const grids = join(folder, 'config', 'sitespan', 'grids.json');
    const written = (await readFile(grids, 'utf8')).replace(/"pollSeconds": *10\b/, '"pollSeconds": 1');
    await writeFile(grids, written);
    assert.match(await says('grid check'), /Configuration +ok/);
    assert.match(await says('sites gridpp'), new RegExp(sites.bristol));
    await says('up agc');
    cluster = await ClusterRig.attach('agc');
    await untilLives('Four workers', (all) => working(all).length === 4);
    assert.match(await says('status agc'), /4/);
    const at = (await lives()).map(({ site }) => site).sort();
    assert.deepEqual(
      at,
      both.flatMap((site) => [site, site]),
    );
  });

  it('the notebook gets the numbers that it gets without a cluster, and nobody has dialled a site', async () => {
    await says('run ttbar.ipynb');
    const { fit, seconds: _, ...numbers } = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'));
    assertSameNumbers(numbers, JSON.parse(await readFile(join(folder, 'plain.json'), 'utf8')));
    assert.ok(fit.ttbar_norm > 0);
    const { sites: did } = await cluster.when((all) => all.sites.filter(({ events }) => events > 0).length === 2);
    assert.deepEqual(did.map(({ site }) => site).sort(), [...both]);
    assert.deepEqual(
      net.sites.map((site) => net.dropped(site)),
      [0, 0],
    );
  });

  it('each job says in its std.out in which namespace it is, and nothing listens there nor could be reached', async () => {
    const path = await writeNotebook(join(folder, 'where.ipynb'), {
      where: whereabouts.replace('WHERE', JSON.stringify(join(folder, 'where.json'))),
    });
    await succeeds('run', path, '--cluster', 'agc', '--output', join(folder, 'where-executed.ipynb'));
    where = places.parse(JSON.parse(await readFile(join(folder, 'where.json'), 'utf8')));
    const all = await lives();
    assert.deepEqual(where.map(({ name }) => name).sort(), ['main-1', 'main-2', 'main-3', 'main-4']);
    for (const { name, namespace } of where) {
      const site = walled(all.find((life) => life.name === name)?.site ?? '');
      assert.equal(namespace, net.namespaceOf(site));
      await until(
        async () => (await succeeds('logs', 'agc', name)).split('\n').includes(`network namespace ${namespace}`),
        { timeoutMs: patienceMs, everyMs: 1000, what: `The namespace in the output of ${name}` },
      );
    }
    assert.equal(new Set(where.map(({ namespace }) => namespace)).size, 2);
    await Promise.all(net.sites.map((site) => assertUnreachable(net, site)));
  });

  it('four workers show four certificates', async () => {
    const { identity } = await cluster.client.call(calls.issueClient, { name: 'looker' });
    const shown = await Promise.all(where.map(({ address }) => shownCertificate(identity, address)));
    assert.deepEqual(
      shown.map(({ subject }) => [subject.O, subject.OU, subject.CN]).sort(),
      ['main-1', 'main-2', 'main-3', 'main-4'].map((name) => ['sitespan', 'worker', name]),
    );
    for (const what of ['fingerprint256', 'serialNumber'] as const) {
      assert.equal(new Set(shown.map((one) => one[what])).size, 4, what);
    }
    assert.equal(new Set(shown.map(({ pubkey }) => pubkey?.toString('hex'))).size, 4, 'their keys');
  });

  it('the sandbox of a job holds no key, and what is in it opens nothing but the door to the keeper', async () => {
    const sandbox = await sandboxOf('main-1');
    const names = (await readdir(sandbox)).sort();
    const wheel = names.find((name) => name.endsWith('.whl')) ?? '';
    assert.deepEqual(names, ['join.json', wheel, 'sitespan-job.sh', 'start.sh'].sort());
    assert.ok((await readFile(join(sandbox, wheel))).equals(await readFile(join(root, 'dist', wheel))));
    const join_ = identitySchema.parse(JSON.parse(await readFile(join(sandbox, 'join.json'), 'utf8')));
    assert.deepEqual([Object.keys(join_.tls), join_.credential.role], [['ca'], 'joiner']);
    const files = await secretFilesBelow(cluster.client.folder.path);
    const secrets = new Set(files.flatMap((file) => (file.path.endsWith('/join.json') ? [] : file.secrets)));
    assert.ok(secrets.size > 5 && secrets.has(relay.userKey));
    for (const name of names) {
      const text = await readFile(join(sandbox, name), 'latin1');
      assert.doesNotMatch(text, /PRIVATE KEY/, name);
      for (const secret of [...secrets, passphrase]) assert.ok(!text.includes(secret), name);
    }
    const asJoiner = (to: Id, identity: Identity = join_) =>
      dialRelay(identity, connectTarget(to, { host: join_.credential.subject, number: 7 }));
    for (const to of [idOf('scheduler:8786'), idOf(where[0]?.address ?? '')]) {
      await assert.rejects(asJoiner(to), { code: 'role-not-allowed' });
    }
    (await asJoiner(idOf('keeper:1'))).socket.destroy();
  });

  it('a join token that is spent is refused, and it is worth nothing at another cluster', async () => {
    const sandbox = await sandboxOf('main-1');
    const [command = '', ...enter] = walled(sites.bristol).enter;
    const env = { PATH: process.env['PATH'], DIRACJOBID: '999999' };
    const again = await runLeashed({
      command,
      args: [...enter, 'sh', 'start.sh'],
      cwd: sandbox,
      env,
      timeoutMs: 60_000,
    });
    assert.equal(again.exitCode, 3, again.stdout + again.stderr);
    assert.match(again.stderr, /^sitespan: Refused \(token-spent\): All 2 uses of the join token/m);
    other = await ClusterRig.make({
      name: 'other',
      relay: { kind: 'other', address: relay.address },
      tenant: 'me',
      userKey: relay.userKey,
      limits: { enrolSeconds },
      grids: { gridpp: specOfCarol() },
    });
    await other.when(({ phase }) => phase === 'working');
    const { credential, ...rest } = identitySchema.parse(
      JSON.parse(await readFile(join(sandbox, 'join.json'), 'utf8')),
    );
    const there = { ...rest, credential: { ...credential, cluster: (await other.client.folder.readSettings()).id } };
    await assert.rejects(dialRelay(there, connectTarget(idOf('keeper:1'), { host: credential.subject, number: 7 })), {
      code: 'relay-stranger',
    });
  });

  it('a site that keeps the relay out is told by a probe, and by the life of a worker that starts there', async () => {
    assert.ok(other);
    const { port } = relay.address;
    const probe = page.take('probe agc');
    const fit = await succeeds(...probe);
    for (const site of both) {
      assert.match(fit, new RegExp(`^fit +${site} can run workers: \\S+ has Python 3\\..* reaches the relay\\.$`, 'm'));
    }
    net.cutOff(walled(sites.ralpp), port);
    await other.client.call(calls.createPool, { name: 'main', grid: 'gridpp', sites: [sites.ralpp], python });
    await other.client.call(calls.scalePool, { pool: 'main', workers: 1 });
    const unfit = Cli.start(...probe, '--json');
    assert.equal(await unfit.end(patienceMs), 1, unfit.errors);
    const said = z.array(z.object({ site: z.string(), verdict })).parse(JSON.parse(unfit.output));
    assert.deepEqual(
      said.map(({ verdict: { ok } }) => ok),
      [true, false],
    );
    assert.equal(
      said[1]?.verdict.sentence,
      `${sites.ralpp} cannot reach ${net.hub}:${port}: refused; ask the site to allow outgoing TCP to it, or choose a relay that it can reach.`,
    );
    await untilLives('The end of a worker that reaches no relay', (all) => all[0]?.phase === 'ended', other);
    const [life] = await lives(other);
    assert.ok(life);
    assert.match(lastOf(life), /^Failed.*; its last words: The keeper gave this job no place within 8 s: the relay at/);
    assert.match(lastOf(life), /cannot be reached: .*refused/);
    await other.close();
    net.letOut(walled(sites.ralpp));
  });

  it('scaled down, workers end as Done, and their sandboxes tell where they were', async () => {
    await says('scale agc main 2');
    await untilLives('The end of two', (all) => all.filter(({ phase }) => phase === 'ended').length === 2);
    const all = await lives();
    for (const life of all.filter(({ phase }) => phase === 'ended')) {
      assert.match(lastOf(life), /^Done \(/, life.name);
      const { namespace } = where.find(({ name }) => name === life.name) ?? {};
      const log = await succeeds('logs', 'agc', life.name);
      assert.match(log, new RegExp(`^network namespace ${namespace}\\n[^]*The worker ${life.name} ended`, 'm'));
    }
    assert.equal(working(all).length, 2);
  });

  it('killed, a worker is gone from its site, its life says so, and another comes', async () => {
    const [victim] = working(await lives());
    assert.ok(victim);
    const enrolled = victim.steps.find(({ phase }) => phase === 'enrolled')?.evidence ?? '';
    const pid = Number(/process (\d+)/.exec(enrolled)?.[1]);
    assert.ok(net.pids(walled(victim.site)).includes(pid));
    await succeeds(...page.take('kill agc').slice(0, -1), victim.name);
    await until(() => !net.pids(walled(victim.site)).includes(pid), {
      ...{ timeoutMs: patienceMs, everyMs: 300, what: `The end of process ${pid}` },
    });
    await untilLives('The end of the killed, and another', (all) => {
      const life = all.find(({ name }) => name === victim.name);
      return life?.phase === 'ended' && working(all).length === 2;
    });
    const why = await succeeds(...page.take('why agc').slice(0, -1), victim.name);
    assert.match(why, /Killed|Received Kill signal/);
    await succeeds(...page.take('logs agc').slice(0, -1), victim.name);
  });

  it('closed, it leaves no job, no process and no file', async () => {
    await says('down agc');
    await until(async () => (await dirac.livingJobs()).length === 0, {
      ...{ timeoutMs: patienceMs, everyMs: 500, what: 'The end of all jobs' },
    });
    const jobs = async (): Promise<string[]> =>
      (await Promise.all(both.map((site) => dirac.jobsWithFolder(site)))).flat();
    await until(async () => (await jobs()).length === 0, {
      ...{ timeoutMs: patienceMs, everyMs: 500, what: "The end of the jobs' folders" },
    });
    const ours = processesOf('sitespan.worker').map((line) => Number(line.split(' ')[0]));
    assert.deepEqual(
      net.sites.flatMap((site) => net.pids(site)).filter((pid) => ours.includes(pid)),
      [],
    );
    assert.deepEqual(await secretFilesBelow(home.folder), []);
    assert.deepEqual(processesOf(home.folder), []);
    assert.deepEqual(page.left, [], 'the page has commands that were not run');
  });
});
