import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { otherRelay } from '../../../src/owner/otherRelay.js';

describe('a relay that others run', () => {
  let folder: string;
  let key: string;
  const userKey = '0123456789abcdef'.repeat(4);
  const address = 'relay.example:443';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-relay-'));
    key = join(folder, 'key');
    await writeFile(key, `${userKey}\n`, { mode: 0o600 });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is known by its address, its key and what differs from the usual', async () => {
    const plain = { host: 'relay.example', port: 443, serverName: 'relay.example' };
    assert.deepEqual(await otherRelay({ address, key }), {
      ...{ relay: { kind: 'other', address: plain }, tenant: 'me', userKey },
    });
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, 'PEM');
    const { relay, tenant } = await otherRelay({ address, key, ca, name: 'sitespan-relay', tenant: 'lz' });
    assert.deepEqual(relay, { kind: 'other', address: { ...plain, serverName: 'sitespan-relay', ca: 'PEM' } });
    assert.equal(tenant, 'lz');
  });

  it('has a host and a port', async () => {
    for (const wrong of ['relay.example', 'relay.example:0', 'relay.example:70000', ':443']) {
      await assert.rejects(otherRelay({ address: wrong, key }), { code: 'usage', message: /HOST:PORT/ });
    }
  });

  it('has a key that is one, and that only its owner may read', async () => {
    const other = join(folder, 'other');
    await writeFile(other, 'no key', { mode: 0o600 });
    await assert.rejects(otherRelay({ address, key: other }), { code: 'relay-key-unreadable', message: /64 hex/ });
    await assert.rejects(otherRelay({ address, key: join(folder, 'none') }), { code: 'relay-key-unreadable' });
    await writeFile(other, userKey);
    await chmod(other, 0o644);
    await assert.rejects(otherRelay({ address, key: other }), { code: 'relay-key-open', message: /chmod 600/ });
  });
});
