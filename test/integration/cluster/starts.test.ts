import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { until } from '../../../src/base/waiting.js';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import { calls, type LifeSnapshot, verdict } from '../../../src/keeper/api.js';
import { scalePool } from '../../../src/owner/scalePool.js';
import { ClusterRig, Home, root } from '../../rigs/cluster/clusterRig.js';
import { bubblewrappedIn, venvInside } from '../../rigs/container/bubblewrapped.js';
import { WalledSites } from '../../rigs/net/walledSites.js';
import { Cli } from '../../rigs/terminal/cli.js';
import { oldPythonIn } from '../environment/prefixes.js';

/** Where a worker is, and what it sees of this computer. */
const inside = `
import os, sys
from dask.distributed import Client

def here(places):
    names = ("OF_THE_SITE", "PYTHONPATH")
    return {"prefix": sys.prefix, "seen": [p for p in places if os.path.exists(p)], **{n: os.environ.get(n) for n in names}}

client = Client()
client.wait_for_workers(1, timeout=120)
result = client.submit(here, PLACES, pure=False).result(timeout=30)
`;

/** Enough for a relay that can be reached, on a busy machine too. */
const enrolSeconds = 8;

const probed = z.array(z.object({ site: z.string(), verdict }));

describe('a worker starts', function () {
  // Each needs the one before, so none can be tried again by itself.
  this.retries(0);
  let net: WalledSites;
  let home: Home;
  let folder: string;
  let rig: ClusterRig | undefined;
  let relay: string;

  afterEach(() => Cli.killAll());
  before(async () => {
    net = new WalledSites();
    home = await Home.make();
    folder = await mkdtemp(join(tmpdir(), 'sitespan-starts-'));
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
    net?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const cluster = (): ClusterRig => {
    if (rig === undefined) throw new Error('the cluster was not made');
    return rig;
  };
  const livesOf = async (pool: string): Promise<LifeSnapshot[]> =>
    (await cluster().lives()).filter((life) => life.pool === pool);
  const lastOf = ({ steps }: LifeSnapshot): string => steps.at(-1)?.evidence ?? '';
  /** Waits until a pool is closed, and what had started there has failed, too. @returns what is said of it */
  const stopped = async (pool: string): Promise<string> => {
    let said: string[] = [];
    await until(
      async () => {
        const { problems, pools } = await cluster().client.call(calls.clusterState, {});
        said = problems.map(({ message }) => message).filter((message) => message.startsWith(`Pool ${pool} lost`));
        const lives = await livesOf(pool);
        const over = lives.every(({ phase }) => phase === 'ended');
        return said.length > 0 && over && pools.find(({ name }) => name === pool)?.desired === 0;
      },
      { timeoutMs: 150_000, everyMs: 300, what: `The end of the workers of ${pool}` },
    );
    assert.equal(said.length, 1, 'it is said once');
    return said[0] ?? '';
  };

  it('in a container, with the environment of its node and nothing else of it', async () => {
    const { image, bin } = await bubblewrappedIn(folder, join(root, '.venv'));
    const [north, south] = net.sites;
    assert.ok(north && south);
    const withRuntime = ['env', `PATH=${bin}:${process.env['PATH']}`, 'OF_THE_SITE=yes', 'PYTHONPATH=/of/the/node'];
    rig = await ClusterRig.make({
      relay: { kind: 'own', host: net.hub, port: 0 },
      limits: { enrolSeconds },
      localSites: [
        ...[north, south].map(({ name, enter }) => ({ name, slots: 3, enter: [...enter] })),
        { name: 'boxes', slots: 2, enter: withRuntime },
      ],
    });
    const environment: EnvironmentSpec = { kind: 'container', image, python: `${venvInside}/bin/python` };
    await rig.client.call(calls.createPool, { name: 'boxed', sites: ['boxes'], environment });
    await rig.scale(1, 'boxed');
    const hidden = await realpath(join(root, 'package.json'));
    const places = JSON.stringify([hidden, `${venvInside}/pyvenv.cfg`]);
    const said = z
      .object({ prefix: z.string(), seen: z.array(z.string()), OF_THE_SITE: z.string(), PYTHONPATH: z.string() })
      .parse(await rig.run(inside.replace('PLACES', places)));
    assert.deepEqual([said.prefix, said.seen], [venvInside, [`${venvInside}/pyvenv.cfg`]]);
    assert.equal(said.OF_THE_SITE, 'yes');
    assert.match(said.PYTHONPATH, /^\S+\/lib$/);
    const life = (await livesOf('boxed')).find(({ phase }) => phase === 'working');
    const enrolled = life?.steps.find(({ phase }) => phase === 'enrolled')?.evidence ?? '';
    assert.match(enrolled, /, Python 3\.\d+\.\d+; \d+ cores?, .* of memory, .*of disk free, 24 h left$/);
    relay = (await rig.client.call(calls.clusterState, {})).relay.address;
    net.cutOff(north);
  });

  it('where a probe says so, and where not it says why', async () => {
    const old = await oldPythonIn(join(folder, 'old-python'));
    await cluster().client.call(calls.createPool, { name: 'old', sites: ['south'], python: old });
    const python = join(root, '.venv', 'bin', 'python');
    await cluster().client.call(calls.createPool, { name: 'cut', sites: ['north'], python });
    const cli = Cli.start('probe', 'test', '--json');
    assert.equal(await cli.end(), 1, cli.errors);
    const said = new Map(probed.parse(JSON.parse(cli.output)).map(({ site, verdict: of }) => [site, of.sentence]));
    assert.equal(said.size, 3);
    assert.match(
      said.get('boxes') ?? '',
      /^boxes can run workers: \S+ has Python 3\.\S+, \d+ cores?, .*reaches the relay\.$/,
    );
    assert.match(
      said.get('south') ?? '',
      /^south cannot run workers: Python 3\.9\.1 against your kernel's 3\.\d+\.\d+; give pools there/,
    );
    assert.ok(said.get('north')?.startsWith(`north cannot reach ${relay}: refused; ask the site`), said.get('north'));
  });

  it('not where the relay cannot be reached: three say so, those that wait are ended, and no more are asked for', async () => {
    const told: string[] = [];
    const progress = (sentence: string): void => {
      told.push(sentence);
    };
    await scalePool(cluster().client, { pool: 'cut', workers: 8 }, { progress });
    assert.match(told.at(-1) ?? '', /^The last probe of north, at .* UTC: north cannot reach /);
    const why = await stopped('cut');
    assert.match(
      why,
      /^Pool cut lost \d+ workers at north .*\("sitespan scale test cut 8"\): .*its last words: The keeper/,
    );
    assert.match(why, /cannot be reached: .*refused/);
    const lives = await livesOf('cut');
    const started = lives.filter((life) => life.steps.some(({ phase }) => phase === 'starting'));
    assert.ok(started.length < lives.length, 'some had not started');
    for (const life of lives.filter((one) => !started.includes(one))) {
      assert.ok(life.steps.some(({ evidence }) => evidence.startsWith('others of pool cut failed to start at north')));
    }
    const [first] = started;
    assert.ok(first);
    const log = await cluster().client.call(calls.workerLog, { worker: first.name });
    assert.match(
      log.text.trimEnd().split('\n').at(-1) ?? '',
      /^sitespan: The keeper gave this job no place within 8 s/,
    );
  });

  it('not with another Python, which is said with both versions', async () => {
    await cluster().client.call(calls.scalePool, { pool: 'old', workers: 3 });
    assert.match(await stopped('old'), /at south .*Python 3\.9\.1 there, 3\.\d+\.\d+ in the cluster/);
    for (const life of await livesOf('old')) assert.match(lastOf(life), /Python 3\.9\.1 there/);
  });

  it('again when the way is open and the pool is scaled', async () => {
    net.open();
    await cluster().scale(1, 'cut');
    const { problems } = await cluster().when(({ problems: all }) => all.length < 2);
    assert.deepEqual(
      problems.map(({ message }) => message.slice(0, 8)),
      ['Pool old'],
    );
  });
});
