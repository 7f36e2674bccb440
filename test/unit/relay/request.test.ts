import assert from 'node:assert/strict';
import { connectTarget, controlTarget, parseTarget } from '../../../src/relay/request.js';

describe('parseTarget', () => {
  const from = { host: 'notebook-1', number: 1 };
  const to = { host: 'north-3', number: 21845 };

  it('reads what the builders write', () => {
    assert.deepEqual(parseTarget(controlTarget(to)), { kind: 'control', id: to });
    assert.deepEqual(parseTarget(connectTarget(to, from)), { kind: 'connect', to, from, again: false });
    assert.deepEqual(parseTarget(connectTarget(to, from, true)), { kind: 'connect', to, from, again: true });
    assert.deepEqual(parseTarget('/v1/accept'), { kind: 'accept' });
  });

  it('takes number 0 as "a free one" from a listener', () => {
    assert.deepEqual(parseTarget('/v1/control?id=north-3:0'), { kind: 'control', id: { host: 'north-3', number: 0 } });
  });

  for (const target of [
    '/',
    '/v2/accept',
    '/v1/control',
    '/v1/control?id=',
    '/v1/control?id=north-3',
    '/v1/control?id=north-3:65536',
    '/v1/control?id=north-3:01',
    '/v1/control?id=a/b:1',
    '/v1/control?id=a:1&id=b:1',
    '/v1/control?id=a:1&more=1',
    '/v1/connect?to=north-3:1',
    '/v1/connect?to=north-3:0&from=notebook-1:1',
    '/v1/connect?to=north-3:1&from=notebook-1:1&again=2',
    '/v1/accept?ticket=abc',
  ]) {
    it(`refuses ${target}`, () => {
      assert.throws(() => parseTarget(target), { code: 'bad-request' });
    });
  }
});
