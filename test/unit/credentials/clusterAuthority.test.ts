import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';

describe('ClusterAuthority', () => {
  const soon = Math.floor(Date.now() / 1000) + 3600;

  it('puts role and subject where both ends look for them', () => {
    const made = new X509Certificate(ClusterAuthority.create().issue('worker', 'north-3', soon).cert);
    assert.equal(made.subject, 'O=sitespan\nOU=worker\nCN=north-3');
    assert.equal(Date.parse(made.validTo), soon * 1000);
  });

  it('signs the same after it was stored and loaded', () => {
    const authority = ClusterAuthority.create();
    const made = ClusterAuthority.load(authority.pem).issue('client', 'notebook', 0);
    const signer = new X509Certificate(authority.pem.cert);
    assert.ok(new X509Certificate(made.cert).checkIssued(signer));
    assert.ok(new X509Certificate(made.cert).verify(signer.publicKey));
  });

  it('knows its own join tokens again after it was stored and loaded', () => {
    const made = ClusterAuthority.create();
    assert.match(made.joinSecret('join-1'), /^[0-9a-f]{64}$/);
    assert.equal(ClusterAuthority.load(made.pem).joinSecret('join-1'), made.joinSecret('join-1'));
  });

  it('is trusted by nobody who pinned another cluster', () => {
    const made = ClusterAuthority.create().issue('scheduler', 'scheduler', 0);
    const other = new X509Certificate(ClusterAuthority.create().pem.cert);
    assert.equal(new X509Certificate(made.cert).verify(other.publicKey), false);
  });
});
