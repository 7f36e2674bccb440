import assert from 'node:assert/strict';
import { clusterSecret, cookieOf, credentialSchema, issueCredential, macOf } from '../../../src/relay/credential.js';
import { golden, goldenCredential } from './golden.js';

describe('credentials', () => {
  it('derive the golden secret of a cluster from the user key', () => {
    assert.equal(clusterSecret(golden.userKey, golden.cluster), golden.clusterSecret);
  });

  for (const credential of golden.credentials) {
    it(`derive the golden key of the ${credential.role}`, () => {
      const { key: _key, ...claims } = credential;
      assert.deepEqual(issueCredential(golden.clusterSecret, claims), credential);
    });
  }

  it('derive the golden cookies', () => {
    for (const { id, cookie } of golden.cookies) assert.equal(cookieOf(golden.clusterSecret, id), cookie);
  });

  it('sign as the golden preludes are signed', () => {
    for (const { credential, target, secret, ms, nonce, mac } of golden.preludes) {
      assert.equal(macOf(goldenCredential(credential).key, target, secret ?? '', ms, nonce), mac);
    }
  });

  it('differ in every claim', () => {
    const claims = { tenant: 'me', cluster: 'c', role: 'worker', subject: 'north-3', expires: 5 } as const;
    const key = issueCredential(golden.clusterSecret, claims).key;
    assert.notEqual(issueCredential(golden.clusterSecret, { ...claims, role: 'client' }).key, key);
    assert.notEqual(issueCredential(golden.clusterSecret, { ...claims, subject: 'north-4' }).key, key);
    assert.notEqual(issueCredential(golden.clusterSecret, { ...claims, expires: 6 }).key, key);
    assert.notEqual(clusterSecret(golden.userKey, 'c'), clusterSecret(golden.userKey, 'd'));
  });

  it('are refused with a name that could be taken for two', () => {
    assert.equal(credentialSchema.safeParse({ ...goldenCredential('north-3'), subject: 'north.3' }).success, false);
  });
});
