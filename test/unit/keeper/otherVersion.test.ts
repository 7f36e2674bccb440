import assert from 'node:assert/strict';
import { z } from 'zod';
import { SitespanError } from '../../../src/base/errors.js';
import { otherVersion, withoutDefaults, withoutWaivers } from '../../../src/keeper/otherVersion.js';

describe('versions that meet', () => {
  const schema = z.strictObject({
    pool: z.string(),
    workers: z.int(),
    confirmed: z.boolean().default(false),
    resources: z.record(z.string(), z.number()).default({}),
  });

  it('shows an older one no field that says what is so anyway', () => {
    const said = { pool: 'a', workers: 0, confirmed: false, resources: {} };
    assert.deepEqual(withoutDefaults(schema, said), { pool: 'a', workers: 0 });
    assert.deepEqual(withoutDefaults(schema, { ...said, resources: { GPU: 1 } }), {
      pool: 'a',
      workers: 0,
      resources: { GPU: 1 },
    });
    assert.deepEqual(schema.parse(withoutDefaults(schema, said)), said);
  });

  it('leaves what is no object as it is', () => {
    assert.deepEqual(withoutDefaults(z.array(z.int()), [1]), [1]);
    assert.equal(withoutDefaults(schema, 'text'), 'text');
  });

  it('takes back only what waives something', () => {
    assert.deepEqual(withoutWaivers({ pool: 'a', confirmed: true }), { pool: 'a' });
    assert.equal(withoutWaivers({ pool: 'a' }), undefined);
  });

  it('says in one sentence what the other one does not know', () => {
    const { code, message } = otherVersion('/state/x', new SitespanError('bad-request', 'asked wrongly: colour.'));
    assert.equal(code, 'keeper-other-version');
    assert.match(
      message,
      /^The keeper of \/state\/x .*\(asked wrongly: colour\); do it without that, or end the cluster/,
    );
  });
});
