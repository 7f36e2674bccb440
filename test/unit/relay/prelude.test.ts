import assert from 'node:assert/strict';
import { buildPrelude, parsePrelude } from '../../../src/relay/prelude.js';
import { golden, goldenCredential } from './golden.js';

describe('preludes', () => {
  for (const { name, credential, target, secret, ms, nonce, mac, head } of golden.preludes) {
    it(`are built byte for byte: ${name}`, () => {
      assert.equal(buildPrelude(goldenCredential(credential), target, secret, ms, nonce), head);
    });

    it(`are read back: ${name}`, () => {
      const { key: _key, ...claims } = goldenCredential(credential);
      assert.deepEqual(parsePrelude(head), { ...claims, target, secret: secret ?? '', ms, nonce, mac });
    });
  }

  it('have another nonce each', () => {
    const who = goldenCredential('north-3');
    const nonces = [1, 2].map(() => parsePrelude(buildPrelude(who, '/v1/accept', undefined, 1)).nonce);
    assert.notEqual(nonces[0], nonces[1]);
  });

  const good = golden.preludes[0]?.head ?? '';
  const bad: readonly [string, string, string][] = [
    ['nothing', '\r\n\r\n', 'head-garbage'],
    ['another method', good.replace('GET', 'PUT'), 'head-garbage'],
    ['another version of HTTP', good.replace('HTTP/1.1', 'HTTP/2.0'), 'head-garbage'],
    ['a target with a space', good.replace('?id', ' id'), 'head-garbage'],
    ['a bare line feed', good.replace('Host: relay\r\n', 'Host: relay\n'), 'head-garbage'],
    ['a folded header', good.replace('Host: relay', 'Host: relay\r\n more'), 'head-garbage'],
    ['a control character', good.replace('relay', 're\u0000lay'), 'head-garbage'],
    ['a header without a colon', good.replace('Host: relay', 'Host'), 'head-garbage'],
    ['a header twice', good.replace('Host: relay', 'Host: relay\r\nhost: relay'), 'head-garbage'],
    ['another protocol to upgrade to', good.replace('sitespan-relay/1', 'websocket'), 'head-garbage'],
    ['a secret with a line end in it', good.replace('\r\n\r\n', '\r\nSitespan-Secret: a b\r\n\r\n'), 'head-garbage'],
    ['no signature', good.replace(/Sitespan-Auth: [^\r]*\r\n/, ''), 'no-auth'],
    ['a part of the signature missing', good.replace('me.', ''), 'no-auth'],
    ['a name that is too long', good.replace('north-3.', `${'n'.repeat(65)}.`), 'no-auth'],
    ['a nonce that is too short', good.replace(/\.[0-9a-f]{32}\./, '.abc.'), 'no-auth'],
    [
      'a mac in capitals',
      good.replace(/\.([0-9a-f]{64})\r/, (_all, mac: string) => `.${mac.toUpperCase()}\r`),
      'no-auth',
    ],
    ['an expiry that is no number', good.replace('.1790000000.', '.1e9.'), 'no-auth'],
  ];
  for (const [what, head, code] of bad) {
    it(`are refused with ${what}`, () => {
      assert.notEqual(head, good);
      assert.throws(() => parsePrelude(head), { code });
    });
  }
});
