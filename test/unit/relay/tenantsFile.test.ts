import assert from 'node:assert/strict';
import { parseTenants, tenantsText } from '../../../src/relay/tenantsFile.js';

describe('A tenants file', () => {
  const keys = { me: '11'.repeat(32), you: '22'.repeat(32) };

  it('reads what was written', () => {
    assert.deepEqual(parseTenants(tenantsText(keys), 'file'), keys);
  });

  it('that is wrong is named, and nothing of it is quoted', () => {
    for (const text of [
      '{',
      '{}',
      JSON.stringify({ tenants: { me: 'ab12' } }),
      JSON.stringify({ tenants: { 'a.b': keys.me } }),
    ]) {
      assert.throws(
        () => parseTenants(text, '/srv/tenants.json'),
        (error: Error) =>
          /tenants file \/srv\/tenants\.json/.test(error.message) && !/ab12|1111/.test(String(error.cause)),
      );
    }
  });
});
