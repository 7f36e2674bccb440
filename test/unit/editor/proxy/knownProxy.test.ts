import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import { conditionOf } from '../../../../src/editor/proxy/knownProxy.js';
import { now, proxyWith } from './knownProxies.js';

const left = (minutes: number, at = now) => conditionOf(proxyWith({}, { minutes }), at);

describe('The condition of a proxy', () => {
  for (const [minutes, words, state] of [
    [5 * 1440 + 5, '5 d', undefined],
    [2879, '47 h', undefined],
    [719, '11 h', undefined],
    [120, '2 h', undefined],
    [119.5, '119 min', 'proxy-expiring'],
    [1, '1 min', 'proxy-expiring'],
    [0.5, '< 1 min', 'proxy-expiring'],
    [0, 'expired', 'proxy-expired'],
    [-600, 'expired', 'proxy-expired'],
  ] as const) {
    it(`with ${minutes} minutes left is "${words}"`, () => {
      assert.deepEqual([left(minutes).words, left(minutes).state], [words, state]);
    });
  }

  it('changes just when it says so, until it has expired', () => {
    for (const minutes of [4000, 2880, 719, 120, 90, 1, 0.5]) {
      const proxy = proxyWith({}, { minutes });
      let at = now;
      for (let changes = 0; changes < 400; changes++) {
        const { words, changesAt } = conditionOf(proxy, at);
        if (changesAt === undefined) break;
        assert.ok(changesAt > at, `${minutes}: ${words}`);
        assert.equal(conditionOf(proxy, changesAt - 2).words, words);
        assert.notEqual(conditionOf(proxy, changesAt).words, words);
        at = changesAt;
      }
      assert.equal(conditionOf(proxy, at).state, 'proxy-expired');
    }
  });

  it('is missing, unreadable or not yet valid, each in its words', () => {
    const failed = (code: string) => conditionOf(proxyWith({}, new SitespanError(code, 'No.')), now);
    assert.deepEqual([failed('proxy-missing').words, failed('proxy-unreadable').words], ['missing', 'unreadable']);
    assert.equal(failed('proxy-unreadable').state, 'proxy-missing');
    const notBefore = new Date(now + 60_000);
    const early = conditionOf(proxyWith({}, { notBefore }), now);
    assert.deepEqual([early.words, early.changesAt], ['not yet valid', notBefore.getTime()]);
  });
});
