import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterAuthority } from '../../../../src/credentials/clusterAuthority.js';
import { knownDeployment } from '../../../../src/owner/relay/deployment.js';
import { type DeploymentWish, prepareDeployment } from '../../../../src/owner/relay/prepareDeployment.js';
import { namesOf } from '../../../../src/owner/relay/relayCertificate.js';

const day = 86_400_000;

describe('A deployment of a relay', () => {
  const before = process.env['XDG_CONFIG_HOME'];
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sitespan-deployment-'));
    process.env['XDG_CONFIG_HOME'] = home;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
    rmSync(home, { recursive: true });
  });
  const prepare = (wish: Partial<DeploymentWish> = {}) =>
    prepareDeployment({ host: 'me@Relay.Example.org', program: '/srv/sitespan.mjs', now: Date.now(), ...wish });
  const text = (path: string): string => readFileSync(path, 'utf8');
  /** A certificate that others gave, in two files. */
  const given = (host: string, expires = 0): { cert: string; key: string } => {
    const files = { cert: join(home, 'given.pem'), key: join(home, 'given.key') };
    const pair = ClusterAuthority.create().issue('relay', 'relay', expires, [host]);
    writeFileSync(files.cert, pair.cert);
    writeFileSync(files.key, pair.key);
    return files;
  };

  it('has a certificate for its address, by an authority of its own, and secrets that only its owner reads', async () => {
    const made = await prepare();
    assert.equal(`${made.address}:${made.port}`, 'relay.example.org:8443');
    const certificate = new X509Certificate(text(made.certificateFile));
    assert.equal(namesOf(certificate), 'relay.example.org');
    assert.ok(certificate.verify(new X509Certificate(text(made.authority ?? '')).publicKey));
    assert.equal(statSync(made.folder).mode & 0o777, 0o700);
    for (const name of readdirSync(made.folder)) {
      const open = ['relay.pem', 'authority.pem', 'sitespan-relay.service', 'DEPLOY.md'].includes(name);
      assert.equal(statSync(join(made.folder, name)).mode & 0o777, open ? 0o644 : 0o600, name);
    }
    const key = text(made.userKeyFile).trim();
    assert.deepEqual(JSON.parse(text(made.tenantsFile)), { tenants: { me: key } });
    for (const file of [made.pageFile, made.unitFile]) assert.ok(!text(file).includes(key));
  });

  it('is made again as it was: what is decided and every key stay', async () => {
    const first = await prepare({ port: 443, user: 'anna' });
    const files = readdirSync(first.folder).map((name) => [name, text(join(first.folder, name))]);
    assert.deepEqual(await prepare(), first);
    assert.deepEqual(
      readdirSync(first.folder).map((name) => [name, text(join(first.folder, name))]),
      files,
    );
    assert.deepEqual(await knownDeployment('relay.example.org'), first);
    assert.deepEqual(await knownDeployment('me@Relay.Example.org'), first);
    assert.equal(await knownDeployment('other.example.org'), undefined);
  });

  it('renews its certificate when it is asked to, or when half of the time is over, by the same authority', async () => {
    const first = await prepare();
    const authority = text(first.authority ?? '');
    const serials = [new X509Certificate(text(first.certificateFile)).serialNumber];
    for (const wish of [
      { certificate: 'renewed' } as const,
      { now: Date.now() + 170 * day },
      { now: Date.now() + 200 * day },
    ]) {
      await prepare(wish);
      serials.push(new X509Certificate(text(first.certificateFile)).serialNumber);
    }
    assert.deepEqual(
      serials.map((serial) => serials.indexOf(serial)),
      [0, 1, 1, 3],
    );
    assert.equal(text(first.authority ?? ''), authority);
  });

  it('makes its certificate anew where the key that is there is that of another', async () => {
    const first = await prepare();
    writeFileSync(first.keyFile, ClusterAuthority.create().issue('relay', 'relay', 0).key);
    await prepare();
    const certificate = new X509Certificate(text(first.certificateFile));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(text(first.keyFile))));
  });

  it('takes a certificate that others gave, and keeps it', async () => {
    const files = given('relay.example.org');
    const made = await prepare({ certificate: files });
    assert.equal(made.authority, undefined);
    assert.equal(text(made.certificateFile), text(files.cert));
    assert.equal(statSync(made.keyFile).mode & 0o777, 0o600);
    const again = await prepare();
    assert.equal(again.certificate, 'given');
    assert.equal(text(again.certificateFile), text(files.cert));
    assert.ok(made.certificateGivenNow && !again.certificateGivenNow);
  });

  it('goes back to one of its own when it is asked to, and only then', async () => {
    for (const certificate of ['own', 'renewed'] as const) {
      const files = given('relay.example.org');
      await prepare({ certificate: files });
      const made = await prepare({ certificate });
      assert.equal(made.certificate, 'own');
      const own = text(made.certificateFile);
      assert.notEqual(own, text(files.cert));
      assert.ok(new X509Certificate(own).verify(new X509Certificate(text(made.authority ?? '')).publicKey));
      assert.equal(text((await prepare()).certificateFile), own);
      assert.equal(text((await prepare({ certificate: 'own' })).certificateFile), own);
    }
  });

  it('refuses a certificate that cannot serve, with what is wrong with it', async () => {
    const other = join(home, 'other.key');
    writeFileSync(other, ClusterAuthority.create().issue('relay', 'relay', 0).key);
    const good = given('relay.example.org');
    const wrong: readonly [() => { cert: string; key: string }, RegExp][] = [
      [() => ({ cert: '/nowhere/cert', key: good.key }), /\/nowhere\/cert cannot be read/],
      [() => ({ cert: good.key, key: good.key }), /holds no certificate in PEM form/],
      [() => ({ cert: good.cert, key: good.cert }), /holds no key in PEM form/],
      [() => ({ cert: good.cert, key: other }), /they do not fit/],
      [() => given('another.example.org'), /is for another\.example\.org, not for relay\.example\.org.*--address/],
      [() => given('relay.example.org', Math.floor(Date.now() / 1000) - 60), /expired .* ago; renew it first/],
    ];
    for (const [files, message] of wrong) {
      await assert.rejects(prepare({ certificate: files() }), { code: 'relay-certificate', message });
    }
  });

  it('is for hosts and names that nobody can take for something else', async () => {
    await assert.rejects(prepare({ host: '-oProxyCommand=x' }), { code: 'ssh-host' });
    for (const address of ['..', '../x', 'a/b', '.x', '', '999.1.1.1', 'a b', '::1']) {
      await assert.rejects(prepare({ address }), { code: 'relay-address' }, address);
    }
    await assert.rejects(prepare({ user: 'a.b' }), { code: 'relay-user-name' });
    assert.equal((await prepare({ host: 'vm', address: '192.0.2.7' })).address, '192.0.2.7');
  });
});
