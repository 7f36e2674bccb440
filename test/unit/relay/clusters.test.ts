import assert from 'node:assert/strict';
import { Clusters } from '../../../src/relay/clusters.js';

describe('Clusters', () => {
  const caller = { tenant: 'me', cluster: 'c', role: 'worker', subject: 'north-3' } as const;

  it('give free numbers that nobody has', () => {
    const clusters = new Clusters(300);
    const cluster = clusters.of(caller);
    for (let i = 0; i < 300; i++) clusters.add(cluster, { host: 'north-3', number: 0 });
    assert.equal(cluster.targets.size, 300);
    for (const { id } of cluster.targets.values()) assert.ok(id.number >= 1024 && id.number <= 65_535);
  });

  it('take so many ids and no more', () => {
    const clusters = new Clusters(1);
    const cluster = clusters.of(caller);
    clusters.add(cluster, { host: 'north-3', number: 1 });
    assert.throws(() => clusters.add(cluster, { host: 'north-3', number: 2 }), { code: 'limit' });
  });

  it('keep tenants apart that call their clusters the same', () => {
    const clusters = new Clusters(1);
    assert.notEqual(clusters.of(caller), clusters.of({ ...caller, tenant: 'you' }));
    assert.equal(clusters.of(caller), clusters.of({ ...caller, subject: 'north-4' }));
  });

  it('are forgotten when nothing is left of them', () => {
    const clusters = new Clusters(1);
    const cluster = clusters.of(caller);
    const target = clusters.add(cluster, { host: 'north-3', number: 1 });
    clusters.forgetIfEmpty(cluster);
    assert.equal(clusters.size, 1);
    clusters.remove(target);
    assert.equal(clusters.size, 0);
  });
});
