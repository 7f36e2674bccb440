import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { endKept, exitOf, startKept } from '../../../src/base/child/kept.js';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { LocalGrid } from '../../../src/grid/local/localGrid.js';
import { calls } from '../../../src/keeper/api.js';
import { KeeperClient } from '../../../src/keeper/client.js';
import { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { createCluster, type NewCluster } from '../../../src/keeper/clusters.js';
import { stopEverything } from '../../../src/owner/stopEverything.js';
import { strangerAnswer } from '../../../src/relay/answers.js';
import { ClusterRig, processesOf, python, root } from '../../rigs/cluster/clusterRig.js';
import { SmallDisk } from '../../rigs/nodes/smallDisk.js';
import { filesBelow, secretFilesBelow } from '../../rigs/security/secretFiles.js';
import { silentRelay, strangeRelay } from '../../rigs/terminal/strangeRelays.js';
import { bareVenvIn } from '../environment/prefixes.js';

type Env = Readonly<Record<string, string>>;
type Undo = () => Promise<unknown>;

/** How a fault comes about: what the doctor is then asked with, and how it goes away again. */
interface Planted {
  readonly env?: Env;
  readonly args?: readonly string[];
  readonly undo: Undo;
}

interface Fault {
  readonly name: string;
  readonly plant: () => Promise<Planted>;
  readonly check: string;
  readonly what: RegExp;
  readonly fix: RegExp;
}

const answer = z.array(
  z.object({
    check: z.object({ id: z.string() }),
    findings: z.array(z.object({ severity: z.string(), what: z.string(), where: z.string(), fix: z.string() })),
  }),
);

const canary = (): string => randomBytes(32).toString('hex');

/** Its own home, and not the one that other tests share: it opens secrets to others, which their watch must not see. */
describe('sitespan doctor', () => {
  const before_ = { ...process.env };
  const [userKey, passphrase, variable] = [canary(), `pass ${canary()}`, canary()];
  let folder: string;
  let rig: ClusterRig;
  let interpreter: string;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sitespan-doctor-')));
    process.env['XDG_STATE_HOME'] = join(folder, 'state');
    process.env['XDG_RUNTIME_DIR'] = join(folder, 'run');
    interpreter = join(folder, 'python');
    await writeFile(interpreter, `#!/bin/sh\nexec ${python} "$@"\n`, { mode: 0o755 });
    rig = await ClusterRig.make({ userKey, python: interpreter });
    await rig.addPool(1);
  });
  after(async () => {
    await stopEverything();
    rig?.client.dispose();
    const left = processesOf(folder);
    for (const name of ['XDG_STATE_HOME', 'XDG_RUNTIME_DIR']) {
      const value = before_[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true, force: true });
    assert.deepEqual(left, [], 'something was left running');
  });

  const doctor = (env: Env = {}, ...args: readonly string[]) =>
    runLeashed({
      command: process.execPath,
      args: [join(root, 'dist', 'cli.mjs'), 'doctor', '--environment', python, ...args],
      env: { ...process.env, ...env },
      timeoutMs: 120_000,
    });
  async function findings(env: Env = {}, ...args: readonly string[]) {
    const { stdout, stderr, exitCode } = await doctor(env, '--json', ...args);
    assert.ok(exitCode === 0 || exitCode === 1, stderr);
    const found = answer.parse(JSON.parse(stdout));
    return { exitCode, found: found.flatMap(({ check, findings: of }) => of.map((one) => ({ id: check.id, ...one }))) };
  }

  const state = (): string => dirname(rig.client.folder.path);
  /** Replaced by `data`; undone it is as it was. */
  async function replaced(path: string, data: string): Promise<Planted> {
    await rename(path, `${path}.whole`);
    await writeFile(path, data, { mode: 0o600 });
    return { undo: () => rename(`${path}.whole`, path) };
  }
  async function moved(path: string): Promise<Planted> {
    await rename(path, `${path}.away`);
    return { undo: () => rename(`${path}.away`, path) };
  }
  async function mode(path: string, open: number, closed: number): Promise<Planted> {
    await chmod(path, open);
    return { undo: () => chmod(path, closed) };
  }
  async function madeOnly(wish: Partial<NewCluster>): Promise<Planted & { readonly path: string }> {
    const localSites = [{ name: 'north', slots: 1, enter: [] }];
    const made = await createCluster({ name: 'made', python, bundle: join(root, 'dist'), localSites, ...wish });
    return { path: made.path, undo: () => rm(made.path, { recursive: true, force: true }) };
  }
  /** The keeper and its watchdog die, as with a computer's memory; whoever looks starts it again. */
  async function keeperKilled(): Promise<Undo> {
    await rig.kill('keeper');
    await until(async () => (await exitOf(rig.client.folder.keeper)) !== undefined, {
      timeoutMs: 9000,
      what: 'Its end',
    });
    return async () => {
      (await KeeperClient.connect(rig.client.folder, () => undefined)).dispose();
      await rig.when(({ phase }) => phase === 'working');
    };
  }
  /** Something at a port of this computer that a cluster takes for its relay. */
  async function clusterWithRelay(ca: string, port: number): Promise<Planted> {
    const address = { host: '127.0.0.1', port, serverName: 'relay.example', ca };
    return madeOnly({ relay: { kind: 'other', address } });
  }
  const faults: readonly Fault[] = [
    {
      name: 'a folder of clusters that others may look into',
      plant: () => mode(state(), 0o755, 0o700),
      check: 'state-folder',
      what: /Others may look into the folder of clusters \(mode 0755\)/,
      fix: /chmod 700 /,
    },
    {
      name: 'a folder of clusters that cannot be made',
      plant: async () => {
        await writeFile(join(folder, 'file'), '');
        return { env: { XDG_STATE_HOME: join(folder, 'file', 'state') }, undo: () => rm(join(folder, 'file')) };
      },
      check: 'state-folder',
      what: /a file is in its way/,
      fix: /Remove .*\/file, or set XDG_STATE_HOME/,
    },
    {
      name: 'a disk that is nearly full',
      plant: async () => {
        const disk = new SmallDisk(20);
        return { env: { XDG_STATE_HOME: disk.folder }, undo: async () => disk.dispose() };
      },
      check: 'disk-room',
      what: /has \d+\.\d MB left/,
      fix: /Make room there/,
    },
    {
      name: 'a disk that is read-only',
      plant: async () => {
        const disk = new SmallDisk(20);
        await disk.setReadOnly(true);
        return { env: { XDG_STATE_HOME: disk.folder }, undo: async () => disk.dispose() };
      },
      check: 'state-folder',
      what: /the disk of .* is read-only/,
      fix: /XDG_STATE_HOME/,
    },
    {
      name: 'a runtime folder that all may write to',
      plant: async () => {
        const run = join(folder, 'open');
        await mkdir(run);
        await chmod(run, 0o777);
        return { env: { XDG_RUNTIME_DIR: run }, undo: () => rm(run, { recursive: true }) };
      },
      check: 'runtime-folder',
      what: /cannot be used, so sockets lie in \/tmp\/sitespan-/,
      fix: /chmod 700 .*\/open/,
    },
    {
      name: 'a runtime folder whose path is too long for a socket',
      plant: async () => {
        const run = join(folder, 'deep'.repeat(25));
        await mkdir(run, { mode: 0o700 });
        return { env: { XDG_RUNTIME_DIR: run }, undo: () => rm(run, { recursive: true }) };
      },
      check: 'socket-path',
      what: /path of \d+ bytes, and this computer allows 107/,
      fix: /shorter path/,
    },
    {
      name: 'a Python without distributed',
      plant: async () => {
        const bare = await bareVenvIn(join(folder, 'bare'));
        return { args: ['--environment', bare], undo: () => rm(join(folder, 'bare'), { recursive: true }) };
      },
      check: 'python-fits',
      what: /has no dask and no distributed/,
      fix: /Install dask and distributed there/,
    },
    {
      name: 'a Python that is not there',
      plant: async () => ({ args: ['--environment', '/no/such/python'], undo: async () => undefined }),
      check: 'python-fits',
      what: /\/no\/such\/python/,
      fix: /sitespan environments/,
    },
    {
      name: 'a cluster whose interpreter has been removed',
      plant: () => moved(interpreter),
      check: 'cluster-environments',
      what: /New kernels and workers of the cluster test cannot start/,
      fix: /Put the environment back as it was/,
    },
    {
      name: 'a keeper that was killed',
      plant: async () => ({ undo: await keeperKilled() }),
      check: 'keepers-run',
      what: /The keeper of test was killed/,
      fix: /sitespan status test/,
    },
    {
      name: 'a keeper that was given up',
      plant: async () => {
        const made = await madeOnly({});
        const folder = new ClusterFolder(made.path);
        await writeFile(folder.program, 'console.error("sitespan: The moon is in the way."); process.exit(1);');
        await assert.rejects(
          KeeperClient.connect(folder, () => undefined),
          { code: 'keeper-start-failed' },
        );
        await until(async () => (await exitOf(folder.keeper)) !== undefined, {
          timeoutMs: 90_000,
          what: 'The last try',
        });
        return made;
      },
      check: 'keepers-run',
      what: /The keeper of made has ended again and again, and was given up\. It said: The moon is in the way\./,
      fix: /Mend what it says, then start it again: sitespan status made/,
    },
    {
      name: 'a relay that cannot be reached',
      plant: async () => {
        const undo = await keeperKilled();
        await rig.kill('relay');
        return { undo };
      },
      check: 'relays-answer',
      what: /cannot reach the relay at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
      fix: /sitespan status test/,
    },
    {
      name: 'a relay with another certificate',
      plant: async () => {
        const server = await strangeRelay(ClusterAuthority.create(), strangerAnswer(Date.now()));
        const made = await clusterWithRelay(ClusterAuthority.create().pem.cert, server.port);
        return { undo: () => Promise.all([made.undo(), server.close()]) };
      },
      check: 'relays-answer',
      what: /could not prove to be the relay relay\.example/,
      fix: /--relay-ca FILE/,
    },
    {
      name: 'a relay that does not know us',
      plant: async () => {
        const authority = ClusterAuthority.create();
        const server = await strangeRelay(authority, strangerAnswer(Date.now()));
        const made = await clusterWithRelay(authority.pem.cert, server.port);
        return { undo: () => Promise.all([made.undo(), server.close()]) };
      },
      check: 'relays-answer',
      what: /does not know us/,
      fix: /tenants file/,
    },
    {
      name: 'a clock that is an hour behind the relay',
      plant: async () => {
        const authority = ClusterAuthority.create();
        const server = await strangeRelay(authority, strangerAnswer(Date.now() + 3_600_000));
        const made = await clusterWithRelay(authority.pem.cert, server.port);
        return { undo: () => Promise.all([made.undo(), server.close()]) };
      },
      check: 'clocks-agree',
      what: /clock is 1 h behind that of the relay of made/,
      fix: /time synchronisation/,
    },
    {
      name: 'a relay that accepts and says nothing',
      plant: async () => {
        const server = await silentRelay();
        const made = await clusterWithRelay(ClusterAuthority.create().pem.cert, server.port);
        return { undo: () => Promise.all([made.undo(), server.close()]) };
      },
      check: 'relays-answer',
      what: /The answer of the relay at 127\.0\.0\.1:\d+ did not come within 10 s/,
      fix: /firewall/,
    },
    {
      name: 'a certificate that expires in three days',
      plant: () => {
        const expires = Math.floor(Date.now() / 1000) + 3 * 86_400 + 60;
        const { cert } = ClusterAuthority.create().issue('relay', 'relay', expires);
        return replaced(join(rig.client.folder.relay, 'cert.pem'), cert);
      },
      check: 'certificates-valid',
      what: /expires in 3 d/,
      fix: /sitespan down test, then sitespan up test/,
    },
    {
      name: 'a relay of others whose certificate expires in three days',
      plant: async () => {
        const authority = ClusterAuthority.create();
        const expires = Math.floor(Date.now() / 1000) + 3 * 86_400 + 60;
        const server = await strangeRelay(authority, strangerAnswer(Date.now()), expires);
        const made = await clusterWithRelay(authority.pem.cert, server.port);
        return { undo: () => Promise.all([made.undo(), server.close()]) };
      },
      check: 'relay-certificates',
      what: /certificate is for relay\.example, .*for another 3 d only/,
      fix: /Ask whoever runs the relay of made/,
    },
    {
      name: 'a key that others may read',
      plant: () => mode(rig.client.folder.caKey, 0o644, 0o600),
      check: 'secrets-closed',
      what: /Others may read a secret \(mode 0644\)/,
      fix: /chmod 600 .*ca\.key/,
    },
    {
      name: 'settings that are damaged',
      plant: () => replaced(rig.client.folder.settings, '{"version": 1'),
      check: 'clusters-readable',
      what: /The settings of the cluster test cannot be read/,
      fix: /Put that file back/,
    },
    {
      name: 'a cluster of a newer version',
      plant: () => replaced(rig.client.folder.settings, '{"version": 2}'),
      check: 'clusters-readable',
      what: /made by a newer version/,
      fix: /Update this program/,
    },
    {
      name: 'a journal that is damaged',
      plant: () => replaced(rig.client.folder.journal, 'no JSON\n{"is": "closed"}\n'),
      check: 'clusters-readable',
      what: /The journal of the cluster test cannot be read/,
      fix: /Put it back from a copy/,
    },
    {
      name: 'a cluster that has lost its program',
      plant: () => moved(rig.client.folder.program),
      check: 'clusters-readable',
      what: /has lost its program/,
      fix: /Put that file back/,
    },
    {
      name: 'a process that outlived its cluster',
      plant: async () => {
        const made = await madeOnly({ name: 'past' });
        await writeFile(join(made.path, 'journal.jsonl'), '{"is": "closed", "at": 1}\n', { mode: 0o600 });
        const scheduler = join(made.path, 'scheduler');
        const idle = { command: '/bin/sleep', args: ['1000'], env: {}, cwd: '/', logLimitBytes: 1000 };
        await startKept({ folder: scheduler, ...idle });
        return {
          undo: async () => {
            await endKept(scheduler, { graceMs: 1000 });
            await made.undo();
          },
        };
      },
      check: 'nothing-orphaned',
      what: /A process of the cluster past, which has ended, still runs \(scheduler, pid \d+\)/,
      fix: /kill -- -\d+/,
    },
    {
      name: 'a job with our mark that no journal names',
      plant: async () => {
        const made = await madeOnly({});
        const sandbox = join(folder, 'sandbox');
        await mkdir(sandbox);
        await writeFile(join(sandbox, 'start.sh'), '#!/bin/sh\nsleep 1000\n', { mode: 0o755 });
        const grid = new LocalGrid({ folder: join(made.path, 'local'), sites: [{ name: 'north', slots: 1 }] });
        const walltimeSeconds = 3600;
        const shape = { sites: [], count: 1, cores: 1, memoryMb: 0, walltimeSeconds, environment: {} };
        const jobs = await grid.submit({ mark: 'sitespan.abcdef.7', executable: 'start.sh', sandbox, ...shape });
        return {
          undo: async () => {
            await grid.kill(jobs);
            await made.undo();
          },
        };
      },
      check: 'jobs-known',
      what: /Job 1 of this computer has the mark sitespan\.abcdef\.7, which the journal of made does not name/,
      fix: /kill -- -\d+/,
    },
    {
      name: 'a proxy that is not there',
      plant: () => {
        const dirac = { url: 'https://dirac.example:8443', setup: 'Production', vo: 'gridpp', group: 'gridpp_user' };
        const files = { proxy: '/no/such/proxy', caDirectory: '/etc/grid-security/certificates' };
        const more = { services: {}, sites: ['LCG.Example.uk'], pollSeconds: 10 };
        return madeOnly({ grids: { dirac: { kind: 'dirac', ...dirac, ...files, ...more } } });
      },
      check: 'grid-proxies',
      what: /The proxy of made at dirac is not there/,
      fix: /sitespan proxy init --group gridpp_user/,
    },
  ];

  it('finds nothing where nothing is wrong, and says what it has looked at', async () => {
    const { exitCode, found } = await findings();
    assert.deepEqual(found, []);
    assert.equal(exitCode, 0);
    const { stdout } = await doctor();
    assert.match(stdout, /^ok {8}keepers run and answer$/m);
    assert.match(stdout, /^Nothing is wrong\.$/m);
    assert.ok(!stdout.includes('\x1b'));
  });

  for (const { name, plant, check, what, fix } of faults) {
    it(`finds ${name}, and says what to do`, async () => {
      const { env, args, undo } = await plant();
      try {
        const { found, exitCode } = await findings(env, ...(args ?? []));
        const mine = found.find((one) => one.id === check && what.test(one.what));
        assert.ok(mine, JSON.stringify(found, null, 2));
        assert.match(mine.fix, fix);
        assert.notEqual(mine.where, '');
        assert.equal(exitCode, found.some(({ severity }) => severity === 'wrong') ? 1 : 0);
      } finally {
        await undo();
      }
    });
  }

  it('changes nothing by looking: all is well again', async () => {
    assert.deepEqual((await findings()).found, []);
  });

  it('looks at one cluster where one is named, and says where there is none', async () => {
    const made = await madeOnly({});
    try {
      assert.deepEqual((await findings({}, 'test')).found, []);
      const { found } = await findings({}, 'made');
      assert.match(found[0]?.what ?? '', /was made and never started/);
    } finally {
      await made.undo();
    }
    const none = await doctor({}, 'nowhere');
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr, /There is no cluster nowhere/);
  });

  it('packs what others need, and nothing secret', async () => {
    const { client } = rig;
    const token = (await readFile(join(client.folder.scheduler, 'token'), 'utf8')).trim();
    const code = new URL((await client.call(calls.schedulerCode, {})).url).searchParams.get('code') ?? assert.fail();
    const kernel = await client.call(calls.startKernel, { cwd: folder, variables: { SOME_VALUE: variable } });
    const said = `the task said ${userKey} and ${token} and ${passphrase} to http://127.0.0.1/sitespan/enter?code=${code}\n`;
    const caKey = await readFile(client.folder.caKey, 'utf8');
    const log = join(client.folder.local, 'jobs', '1', 'log');
    await appendFile(log, `${said}${caKey}\nthe end of the log\n`);
    const secrets = (await secretFilesBelow(folder)).flatMap((file) => file.secrets);
    assert.ok(secrets.includes(userKey) && secrets.length > 8);

    const file = join(folder, 'help.tar.gz');
    const env = { HOME: folder, CANARY_PASSPHRASE: passphrase };
    const { stderr } = await doctor(env, 'test', '--bundle', file);
    assert.match(stderr, /look before you send it/);
    await client.call(calls.shutdownKernel, { kernel: kernel.id });

    const opened = join(folder, 'opened');
    await mkdir(opened);
    execFileSync('tar', ['xzf', file, '-C', opened]);
    const names = (await filesBelow(opened)).map((path) => path.slice(opened.length + 1)).sort();
    for (const name of [
      'cluster.json',
      'journal.jsonl',
      'keeper/log',
      'relay/log',
      'scheduler/log',
      'local/jobs/1/log',
    ]) {
      assert.ok(names.includes(`sitespan/test/${name}`), `${name} of ${names.join(', ')}`);
    }
    assert.match(await readFile(join(opened, 'sitespan', 'versions.json'), 'utf8'), /"sitespan": "\d+\.\d+\.\d+"/);
    for (const path of await filesBelow(opened)) {
      const text = await readFile(path, 'utf8');
      for (const secret of [...secrets, userKey, token, code, passphrase, variable, folder]) {
        assert.ok(!text.includes(secret), `${path} holds ${secret}`);
      }
      assert.doesNotMatch(text, /-----BEGIN [A-Z ]*PRIVATE KEY|join-[0-9a-f]{8}/, path);
    }
    const worker = await readFile(join(opened, 'sitespan', 'test', 'local', 'jobs', '1', 'log'), 'utf8');
    assert.match(worker, /the task said <redacted>(.|\n)*the end of the log/);
  });

  it('finds a scheduler that was killed', async () => {
    await keeperKilled();
    await rig.kill('scheduler');
    const { found } = await findings();
    const mine = found.find(({ id }) => id === 'schedulers-run');
    assert.match(mine?.what ?? '', /The scheduler of test was killed/);
    assert.match(mine?.fix ?? '', /sitespan down test/);
  });
});
