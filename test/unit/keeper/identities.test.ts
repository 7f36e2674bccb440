import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { Identities } from '../../../src/keeper/identities.js';
import { authenticate } from '../../../src/relay/authenticate.js';
import { type Credential, clusterSecret } from '../../../src/relay/credential.js';
import { identitySchema } from '../../../src/relay/identity.js';
import { buildPrelude, parsePrelude } from '../../../src/relay/prelude.js';
import { Replays } from '../../../src/relay/replays.js';

describe('Identities', () => {
  const userKey = 'ab'.repeat(32);
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const authority = ClusterAuthority.create();
  const identities = new Identities(authority, relay, 'me', 'ttbar-1a2b3c', userKey);
  const ca = new X509Certificate(authority.pem.cert);
  /** Who the relay takes the holder of a credential for. */
  const known = async (credential: Credential) => {
    const now = Date.now();
    const tenants = { userKey: async (name: string) => (name === 'me' ? userKey : undefined) };
    const prelude = parsePrelude(buildPrelude(credential, '/v1/accept', 'abc', now));
    return (await authenticate(prelude, { tenants, replays: new Replays(120_000), skewMs: 120_000 }, now)).caller;
  };

  it('say the same role and name in the certificate as in the credential', async () => {
    for (const [role, subject] of [
      ['scheduler', 'scheduler'],
      ['keeper', 'keeper'],
      ['worker', 'main-3'],
      ['client', 'kernel-k1'],
    ] as const) {
      const { credential, tls } = identities.issue(role, subject);
      const certificate = new X509Certificate(tls.cert ?? '');
      assert.equal(certificate.subject, `O=sitespan\nOU=${role}\nCN=${subject}`);
      assert.ok(certificate.verify(ca.publicKey));
      assert.deepEqual(await known(credential), { tenant: 'me', cluster: 'ttbar-1a2b3c', role, subject });
    }
  });

  it('end when it was said, at the relay and in TLS', async () => {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const { credential, tls } = identities.issue('worker', 'main-1', expires);
    assert.equal(credential.expires, expires);
    assert.equal(Date.parse(new X509Certificate(tls.cert ?? '').validTo), expires * 1000);
    const late = identities.issue('worker', 'main-1', Math.floor(Date.now() / 1000) - 1);
    await assert.rejects(known(late.credential), { code: 'expired' });
  });

  it('give a joiner what the relay knows it by, what only the keeper knows it by, and no certificate', async () => {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const joiner = identities.issueJoiner('join-1', expires);
    assert.deepEqual(joiner.tls, { ca: authority.pem.cert });
    assert.equal(joiner.joinSecret, authority.joinSecret('join-1'));
    assert.notEqual(joiner.joinSecret, authority.joinSecret('join-2'));
    assert.notEqual(joiner.joinSecret, ClusterAuthority.create().joinSecret('join-1'));
    const caller = await known(joiner.credential);
    assert.deepEqual([caller.role, caller.subject], ['joiner', 'join-1']);
  });

  it('are what every process of ours reads', () => {
    for (const identity of [identities.issue('worker', 'main-1'), identities.issueJoiner('join-1', 9)]) {
      assert.deepEqual(identitySchema.parse(JSON.parse(JSON.stringify(identity))), identity);
    }
  });

  it('carry neither the user key nor the cluster secret', () => {
    const text = JSON.stringify(identities.issue('worker', 'main-1'));
    assert.equal(text.includes(userKey), false);
    assert.equal(text.includes(clusterSecret(userKey, 'ttbar-1a2b3c')), false);
    assert.equal(text.includes(authority.pem.key), false);
  });
});
