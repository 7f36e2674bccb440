import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { checkRelay, type RelayAccess } from '../../../src/owner/checkRelay.js';
import { makeCertificate, RelayHere, serverName, tenant, userKey } from './rig.js';

describe('checkRelay', () => {
  const certificate = makeCertificate();
  let relay: RelayHere;
  before(async () => {
    relay = await RelayHere.start(certificate);
  });
  after(async () => {
    await relay?.close();
    certificate.remove();
  });

  const access = (changes: Partial<RelayAccess> = {}): RelayAccess => ({
    address: { host: relay.host, port: relay.port, serverName, ca: certificate.cert },
    tenant,
    userKey,
    ...changes,
  });

  it('is content with a relay that knows the tenant by its key', async () => {
    await checkRelay(access());
  });

  it('says so where it does not', async () => {
    const known = { code: 'relay-stranger', message: /does not know the tenant .* by this key; ask whoever runs it/ };
    await assert.rejects(checkRelay(access({ userKey: randomBytes(32).toString('hex') })), known);
    await assert.rejects(checkRelay(access({ tenant: 'somebody' })), known);
  });

  it('tells another server from the relay, and a port where nothing is', async () => {
    const address = access().address;
    const other = makeCertificate();
    try {
      await assert.rejects(checkRelay(access({ address: { ...address, ca: other.cert } })), {
        code: 'relay-untrusted',
        message: /which is not the authority that is expected/,
      });
      await assert.rejects(checkRelay(access({ address: { ...address, serverName: 'other.example' } })), {
        code: 'relay-untrusted',
        message: /is for sitespan-relay, not for other\.example/,
      });
    } finally {
      other.remove();
    }
    await assert.rejects(checkRelay(access({ address: { ...address, port: 1 } })), { code: 'relay-unreachable' });
  });
});
