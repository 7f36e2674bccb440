import assert from 'node:assert/strict';
import { authenticate, sameSecret } from '../../../src/relay/authenticate.js';
import { issueCredential } from '../../../src/relay/credential.js';
import { buildPrelude, type Prelude, parsePrelude } from '../../../src/relay/prelude.js';
import { Replays } from '../../../src/relay/replays.js';
import { golden, goldenCredential } from './golden.js';

describe('authenticate', () => {
  const now = 1_780_000_000_000;
  const tenants = { userKey: async (name: string) => (name === golden.tenant ? golden.userKey : undefined) };
  const authority = () => ({ tenants, replays: new Replays(120_000), skewMs: 120_000 });
  const prelude = (ms = now): Prelude =>
    parsePrelude(buildPrelude(goldenCredential('north-3'), '/v1/accept', 'abc', ms));

  it('knows who signed with a derived key', async () => {
    assert.deepEqual(await authenticate(prelude(), authority(), now), {
      caller: { tenant: golden.tenant, cluster: golden.cluster, role: 'worker', subject: 'north-3' },
      clusterSecret: golden.clusterSecret,
    });
  });

  const altered: Partial<Record<keyof Prelude, string | number>> = {
    target: '/v1/control?id=north-3:1',
    secret: 'abd',
    cluster: 'other',
    role: 'scheduler',
    subject: 'north-4',
    expires: 0,
    ms: now + 1,
    nonce: '00'.repeat(16),
    mac: '00'.repeat(32),
  };
  for (const [field, value] of Object.entries(altered)) {
    it(`refuses a prelude whose ${field} was altered`, async () => {
      await assert.rejects(authenticate({ ...prelude(), [field]: value }, authority(), now), { code: 'bad-mac' });
    });
  }

  it('refuses another tenant', async () => {
    await assert.rejects(authenticate({ ...prelude(), tenant: 'you' }, authority(), now), { code: 'unknown-tenant' });
  });

  it('refuses a role that there is not', async () => {
    await assert.rejects(authenticate({ ...prelude(), role: 'admin' }, authority(), now), { code: 'unknown-role' });
  });

  it('refuses a credential from its expiry on', async () => {
    const claims = { tenant: golden.tenant, cluster: golden.cluster, role: 'worker', subject: 'w' } as const;
    const until = (expires: number) =>
      parsePrelude(buildPrelude(issueCredential(golden.clusterSecret, { ...claims, expires }), '/v1/accept', 'a', now));
    await assert.rejects(authenticate(until(now / 1000), authority(), now), { code: 'expired' });
    assert.equal((await authenticate(until(now / 1000 + 1), authority(), now)).caller.subject, 'w');
  });

  it('takes a clock that is two minutes off, and none that is more', async () => {
    for (const offset of [-120_000, 120_000]) await authenticate(prelude(now + offset), authority(), now);
    for (const offset of [-120_001, 120_001]) {
      await assert.rejects(authenticate(prelude(now + offset), authority(), now), { code: 'stale-clock' });
    }
  });

  it('takes a prelude once, for as long as it is good', async () => {
    const once = authority();
    const early = prelude(now + 120_000);
    await authenticate(early, once, now);
    await assert.rejects(authenticate(early, once, now), { code: 'replay' });
    await assert.rejects(authenticate(early, once, now + 240_000), { code: 'replay' });
  });

  it('forgets preludes that are not good any more', () => {
    const replays = new Replays(10);
    for (let at = 0; at < 1000; at++) assert.equal(replays.use(`mac ${at}`, at), true);
    assert.equal(replays.size, 21);
  });
});

describe('sameSecret', () => {
  it('is true of equals alone', () => {
    assert.equal(sameSecret('abc', 'abc'), true);
    assert.equal(sameSecret('abd', 'abc'), false);
    assert.equal(sameSecret('', 'abc'), false);
  });
});
