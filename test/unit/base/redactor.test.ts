import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Redactor } from '../../../src/base/redactor.js';

describe('Redactor', () => {
  const redactor = new Redactor({ home: '/home/ada', user: 'ada' });
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

  for (const [what, text, secret] of [
    ['a private key', `read ${pem} from disk`, pem.split('\n')[1]],
    ['a private key that was cut off', pem.slice(0, 80), pem.slice(30, 80)],
    ['a bearer token', 'Authorization: Bearer abc.DEF-123_~+/=', 'abc.DEF'],
    ['a JSON web token', 'got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln back', 'eyJzdWIi'],
    ['a prelude', 'Sitespan-Auth: me.ttbar.worker.north-3.0.1.ff.aa\r\nHost: relay', 'north-3'],
    ['a code in an address', 'http://127.0.0.1:8787/sitespan/enter?code=a1b2c3&next=/status', 'a1b2c3'],
    ['a key in hex', `key ${'0123456789abcdef'.repeat(4)}.`, '0123456789abcdef'],
  ] as const) {
    it(`hides ${what}`, () => {
      const shown = redactor.redact(text);
      assert.ok(secret !== undefined && text.includes(secret));
      assert.ok(!shown.includes(secret), shown);
      assert.match(shown, /<redacted>/);
    });
  }

  it('leaves what is around a secret', () => {
    assert.equal(
      redactor.redact('GET /enter?code=a1b2c3&next=/status 200'),
      'GET /enter?code=<redacted>&next=/status 200',
    );
  });

  it('hides what was registered, as it is and as it stands in an address', () => {
    const own = new Redactor({ home: '/', user: '' });
    const secret = `pass word/${randomBytes(4).toString('hex')}`;
    own.register(secret);
    own.register(secret.slice(0, 6));
    assert.equal(own.redact(`[${secret}] [${encodeURIComponent(secret)}]`), '[<redacted>] [<redacted>]');
  });

  it('hides home and user, and not words that only contain them', () => {
    assert.equal(
      redactor.redact('/home/ada/.globus, /home/adam, ada@pc, metadata, job of ada'),
      '~/.globus, /home/adam, <user>@pc, metadata, job of <user>',
    );
  });

  it('leaves certificates and plain sentences alone', () => {
    const text = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n17 workers of ROOT 6.40 at north';
    assert.equal(redactor.redact(text), text);
  });
});
