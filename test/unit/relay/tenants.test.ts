import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tenants } from '../../../src/relay/tenants.js';

describe('Tenants', () => {
  const [first, second] = ['11'.repeat(32), '22'.repeat(32)];
  let folder = '';
  let file = '';
  let complaints: unknown[] = [];
  const write = (content: unknown): void => writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  const open = () => Tenants.open(file, (error) => complaints.push(error));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sitespan-tenants-'));
    file = join(folder, 'tenants.json');
    complaints = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('knows the key of who is named, and no other', async () => {
    write({ tenants: { me: first } });
    const tenants = await open();
    assert.equal(await tenants.userKey('me'), first);
    assert.equal(await tenants.userKey('you'), undefined);
    assert.equal(await tenants.userKey('toString'), undefined);
  });

  it('knows a tenant as soon as it is written, and forgets one that is taken out', async () => {
    write({ tenants: { me: first } });
    const tenants = await open();
    write({ tenants: { other: second, another: second } });
    assert.equal(await tenants.userKey('other'), second);
    assert.equal(await tenants.userKey('me'), undefined);
  });

  it('goes on with the last good file, and complains once', async () => {
    write({ tenants: { me: first } });
    const tenants = await open();
    writeFileSync(file, '{"tenants": {"me": "22');
    assert.equal(await tenants.userKey('me'), first);
    assert.equal(await tenants.userKey('me'), first);
    assert.equal(complaints.length, 1);
    write({ tenants: { me: second } });
    assert.equal(await tenants.userKey('me'), second);
  });

  it('complains without the secrets of the file', async () => {
    writeFileSync(file, `{"tenants": {"me": "${first}" oops`, { mode: 0o600 });
    await assert.rejects(open(), (error: Error) => {
      assert.equal(`${error.stack} ${JSON.stringify(error)} ${error.cause}`.includes(first.slice(0, 8)), false);
      return true;
    });
  });

  it('does not begin with a file that others can read', async () => {
    write({ tenants: { me: first } });
    chmodSync(file, 0o640);
    await assert.rejects(open(), { code: 'tenants-unreadable', message: /chmod 600/ });
  });

  for (const [what, content] of [
    ['a key that is too short', { tenants: { me: 'abcd' } }],
    ['a name with a dot', { tenants: { 'a.b': first } }],
    ['no tenants', {}],
  ] as const) {
    it(`does not begin with ${what}`, async () => {
      write(content);
      await assert.rejects(open(), { code: 'tenants-unreadable' });
    });
  }
});
