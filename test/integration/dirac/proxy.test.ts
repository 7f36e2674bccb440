import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { SitespanError } from '../../../src/base/errors.js';
import { until } from '../../../src/base/waiting.js';
import { certificateFilesOf } from '../../../src/credentials/userCertificateFiles.js';
import { checkGrid } from '../../../src/grid/dirac/checkGrid.js';
import { DiracGrid } from '../../../src/grid/dirac/diracGrid.js';
import { initProxy } from '../../../src/owner/proxy/initProxy.js';
import { assertSaid, saidBy } from '../../rigs/credentials/wrongCredentials.js';
import { DiracRig, sites } from '../../rigs/dirac/diracRig.js';
import type { Person } from '../../rigs/dirac/pki.js';

const passphrase = 'the passphrase of a test';
const weekMs = 7 * 86_400_000;

describe('a proxy of ours, on a real DIRAC', function () {
  this.timeout(240_000);
  let dirac: DiracRig;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-proxy-'));
    dirac = await DiracRig.start();
  });
  after(async () => {
    await dirac?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** As a person has them: the key protected. */
  const filesOf = async (person: Person) => {
    const key = join(folder, `${person}.key`);
    const clear = createPrivateKey(await readFile(dirac.pki.key(person)));
    await writeFile(key, clear.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }), {
      mode: 0o600,
    });
    return certificateFilesOf(dirac.pki.certificate(person), key);
  };
  const make = async (person: Person, group: string, upload = false, limited = false) => {
    const server = { address: dirac.url, authorities: dirac.pki.authorities };
    return initProxy({
      ...{ files: await filesOf(person), passphrase: async () => passphrase, authorities: dirac.pki.authorities },
      ...{ group, hours: 2, limited, path: join(folder, `${person}.${group}.proxy`) },
      ...(upload ? { upload: { server, days: 7 } } : {}),
    });
  };
  const grids: DiracGrid[] = [];
  afterEach(async () => {
    for (const grid of grids.splice(0)) await grid.dispose();
  });
  const gridWith = (proxy: string, group: string): DiracGrid => {
    const grid = new DiracGrid('dirac', dirac.spec('alice', { proxy, group }));
    grids.push(grid);
    return grid;
  };
  const output = async (command: string, ...args: string[]): Promise<string> => {
    const env = { ...process.env, X509_CERT_DIR: dirac.pki.authorities };
    const done = await runLeashed({ command, args, env, timeoutMs: 60_000 });
    assert.equal(done.exitCode, 0, `${command}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };

  it('is what OpenSSL, the tools of VOMS and Globus, and DIRAC itself take for one', async () => {
    const subject = await dirac.pki.subject('alice');
    for (const limited of [false, true]) {
      const { path } = (await make('alice', 'gridpp_user', false, limited)).facts;
      const given = ['-allow_proxy_certs', '-CApath', dirac.pki.authorities, '-untrusted', path];
      assert.match(await output('openssl', 'verify', ...given, path), /: OK/);
      const voms = await output('voms-proxy-info', '-all', '-file', path);
      assert.ok(voms.includes(`issuer    : ${subject}`), voms);
      assert.match(voms, /type {6}: RFC compliant/);
      const globus = await output('grid-proxy-info', '-file', path);
      assert.ok(globus.includes(`identity : ${subject}`), globus);
      const kind = limited ? 'limited' : 'impersonation';
      assert.match(globus, new RegExp(`type {5}: RFC 3820 compliant ${kind} proxy`));
      assert.match(globus, /timeleft : [12]:/);
      const { getRemainingSecs: left, ...told } = Object(await dirac.readProxy(path));
      assert.ok(left > 7000 && left <= 7200, left);
      assert.deepEqual(told, {
        ...{ isProxy: true, isLimitedProxy: limited, isVOMS: false, hasExpired: false, getNumCertsInChain: 2 },
        ...{ isRFC: true, group: 'gridpp_user', isValidProxy: true, identity: subject },
      });
    }
  });

  it('is made with a group, uploaded, known to DIRAC by both, and jobs run with it', async () => {
    const subject = await dirac.pki.subject('admin');
    const kept = () => dirac.call('admin', 'Framework/ProxyManager', 'getUserProxiesInfo');
    assert.deepEqual(await kept(), {});
    const { facts, stored, warnings } = await make('admin', 'gridpp_user', true);
    // The rig's certificates last for a week.
    assert.match(warnings.join('\n'), /^The certificate .*CN=admin example expires in 7 d.*$/);
    const [uploaded, ...more] = stored ?? [];
    assert.deepEqual([uploaded?.identity, uploaded?.group, more], [subject, undefined, []]);
    const end = uploaded?.expires.getTime() ?? 0;
    assert.ok(end > Date.now() + weekMs / 2 && end <= Date.now() + weekMs, String(uploaded?.expires));
    assert.deepEqual(Object.keys(Object(await kept())), [subject]);

    const grid = gridWith(facts.path, 'gridpp_user');
    const { expiresAtMs = 0, ...who } = await grid.identity();
    assert.deepEqual(who, { name: 'admin', group: 'gridpp_user' });
    assert.ok(Math.abs(expiresAtMs - facts.expires.getTime()) < 60_000);
    const sandbox = join(folder, 'sandbox');
    await mkdir(sandbox);
    await writeFile(join(sandbox, 'run.sh'), '#!/bin/sh\necho "it ran"\n', { mode: 0o755 });
    const [job] = await grid.submit({
      ...{ mark: 'proxy-test', sites: [sites.bristol], count: 1, cores: 1, memoryMb: 0, walltimeSeconds: 600 },
      ...{ sandbox, executable: 'run.sh', environment: {} },
    });
    assert.ok(job !== undefined);
    await until(async () => ['done', 'failed', 'killed'].includes((await grid.watch([job]))[0]?.phase ?? ''), {
      ...{ timeoutMs: 150_000, everyMs: 1000, what: 'The end of the job' },
    });
    const [ended] = await grid.watch([job]);
    assert.equal(ended?.phase, 'done', ended?.gridWords);
    assert.match((await grid.output(job)).text, /it ran/);
  });

  it('of a group that there is not, or that is not its owner’s, is refused with a sentence', async () => {
    for (const [person, group] of [
      ['bob', 'no_such_group'],
      ['pilot', 'gridpp_user'],
    ] as const) {
      const { facts } = await make(person, group);
      await assert.rejects(gridWith(facts.path, group).identity(), {
        code: 'grid-unauthorized',
        message: new RegExp(`there is no such group, or its owner is not in it, or the group ${group}`),
      });
    }
  });

  it('of such a group is not made where DIRAC can be asked, and it is said which of these it is', async () => {
    const { host } = new URL(dirac.url);
    const subject = await dirac.pki.subject('mallory');
    for (const [what, person, group, place] of [
      [
        'group that does not exist',
        'bob',
        'no_such_group',
        `${host} has no group no_such_group; you are in other_user`,
      ],
      ['group not mine', 'bob', 'gridpp_user', `gridpp_user of DIRAC at ${host} (bob); you are in other_user`],
      ['no VO', 'mallory', 'gridpp_user', subject],
    ] as const) {
      const path = join(folder, `${person}.${group}.proxy`);
      await rm(path, { force: true });
      const said = await make(person, group, true).then(
        () => assert.fail(`${what}: it was made`),
        (error: unknown) => (SitespanError.is(error) ? saidBy(error) : assert.fail(String(error))),
      );
      assertSaid(what, said, place);
      await assert.rejects(stat(path), { code: 'ENOENT' });
    }
  });

  it('of a certificate with a key of an elliptic curve is taken, and none is kept: DIRAC makes too short a key for it', async () => {
    const { certificate, key } = await dirac.pki.elliptic('admin');
    const path = join(folder, 'elliptic.proxy');
    const order = {
      ...{ files: certificateFilesOf(certificate, key), passphrase: async () => passphrase, path },
      ...{ authorities: dirac.pki.authorities, group: 'gridpp_user', hours: 2 },
    };
    const server = { address: dirac.url, authorities: dirac.pki.authorities };
    await assert.rejects(initProxy({ ...order, upload: { server, days: 3 } }), {
      code: 'grid-key-short',
      message: new RegExp(
        `^DIRAC at ${new URL(dirac.url).host} cannot keep a proxy of .*CN=admin example, whose key is`,
      ),
    });
    assert.equal((await gridWith(path, 'gridpp_user').identity()).name, 'admin');
  });

  it('of another group than the grid was added for is told from others when the grid is checked', async () => {
    const { facts } = await make('bob', 'no_such_group');
    const [found] = await checkGrid({ spec: dirac.spec('bob', { proxy: facts.path }) });
    assert.deepEqual([found?.verdict, found?.code], ['wrong', 'grid-unauthorized']);
    assert.match(
      found?.sentence ?? '',
      /is of the group no_such_group, and the grid was added for other_user; make one/,
    );
  });
});
