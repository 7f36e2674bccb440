import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addRelayUser, relayUsers, removeRelayUser, tenantsHere } from '../../../../src/owner/relay/relayUsers.js';
import { Tenants } from '../../../../src/relay/tenants.js';
import { tenantsText } from '../../../../src/relay/tenantsFile.js';

describe('The users of a relay', () => {
  const own = '11'.repeat(32);
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sitespan-users-'));
    file = join(folder, 'tenants.json');
    writeFileSync(file, tenantsText({ me: own }), { mode: 0o600 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('that are added are known to the relay that runs, by the key that was told', async () => {
    const relay = await Tenants.open(file, (error) => assert.fail(String(error)));
    const key = await addRelayUser(tenantsHere(file), 'alice');
    assert.match(key, /^[0-9a-f]{64}$/);
    assert.equal(await relay.userKey('alice'), key);
    assert.equal(await relay.userKey('me'), own);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('that are removed are not, and the others stay', async () => {
    const relay = await Tenants.open(file, (error) => assert.fail(String(error)));
    await addRelayUser(tenantsHere(file), 'alice');
    await removeRelayUser(tenantsHere(file), 'alice');
    assert.equal(await relay.userKey('alice'), undefined);
    assert.deepEqual(await relayUsers(tenantsHere(file)), ['me']);
  });

  it('that are added at once are all there', async () => {
    const names = ['e', 'd', 'c', 'b', 'a'];
    await Promise.all(names.map((name) => addRelayUser(tenantsHere(file), name)));
    assert.deepEqual(await relayUsers(tenantsHere(file)), ['a', 'b', 'c', 'd', 'e', 'me']);
  });

  it('are added once, removed once, and have names that can be said on the wire', async () => {
    const before = readFileSync(file, 'utf8');
    const place = tenantsHere(file);
    await assert.rejects(addRelayUser(place, 'me'), { code: 'relay-user-exists', message: /knows a user me already/ });
    await assert.rejects(removeRelayUser(place, 'bob'), { code: 'relay-user-unknown', message: /it knows me\.$/ });
    await assert.rejects(removeRelayUser(place, 'toString'), { code: 'relay-user-unknown' });
    for (const name of ['', 'a.b', '-x y', '$(reboot)', 'ä']) {
      await assert.rejects(addRelayUser(place, name), { code: 'relay-user-name' });
    }
    assert.equal(readFileSync(file, 'utf8'), before);
  });

  it('are not read from a file that others can read', async () => {
    chmodSync(file, 0o644);
    await assert.rejects(relayUsers(tenantsHere(file)), { code: 'tenants-unreadable', message: /chmod 600/ });
    await assert.rejects(relayUsers(tenantsHere(join(folder, 'none'))), { code: 'tenants-unreadable' });
  });
});
