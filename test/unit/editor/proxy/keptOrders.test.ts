import assert from 'node:assert/strict';
import { KeptOrders, type ProxyOrderKept } from '../../../../src/editor/proxy/keptOrders.js';

describe('How a proxy was made', () => {
  const kept = new Map<string, unknown>();
  const state = {
    get: (key: string) => kept.get(key),
    update: async (key: string, value: unknown) => void kept.set(key, JSON.parse(JSON.stringify(value))),
  };
  const order: ProxyOrderKept = {
    files: { kind: 'pkcs12', path: '/me.p12' },
    group: 'gridpp_user',
    hours: 12,
    upload: false,
  };
  beforeEach(() => kept.clear());

  it('is known by its path, as it was made last', async () => {
    const orders = new KeptOrders(state);
    assert.equal(orders.of('/tmp/a'), undefined);
    await orders.keep('/tmp/a', order);
    await orders.keep('/tmp/b', { ...order, grid: 'gridpp', upload: true });
    await orders.keep('/tmp/a', { ...order, hours: 24 });
    assert.deepEqual(new KeptOrders(state).of('/tmp/a'), { ...order, hours: 24 });
    assert.deepEqual(new KeptOrders(state).of('/tmp/b'), { ...order, grid: 'gridpp', upload: true });
  });

  it('is of the last twenty, and what cannot be read is as if it were not there', async () => {
    const orders = new KeptOrders(state);
    for (let number = 0; number < 25; number++) await orders.keep(`/tmp/${number}`, order);
    assert.deepEqual([orders.of('/tmp/4'), orders.of('/tmp/5')], [undefined, order]);
    kept.set('sitespan.proxies', [['/tmp/a', { hours: 'many' }]]);
    assert.equal(orders.of('/tmp/a'), undefined);
  });
});
