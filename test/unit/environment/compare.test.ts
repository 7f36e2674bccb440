import assert from 'node:assert/strict';
import { compareEnvironments, sayDifferences } from '../../../src/environment/compare.js';
import type { EnvironmentDescription } from '../../../src/environment/description.js';

describe('compareEnvironments', () => {
  const cluster: EnvironmentDescription = {
    python: '3.11.7',
    executable: '/usr/bin/python3',
    machine: 'x86_64',
    packages: { dask: '2026.8.0', distributed: '2026.8.0', numpy: '2.4.6', coffea: null },
    root: '6.40.00',
  };
  const fatal = (worker: Partial<EnvironmentDescription>): string[] =>
    compareEnvironments(cluster, { ...cluster, ...worker })
      .filter((difference) => difference.fatal)
      .map((difference) => difference.what);
  const packages = (change: Record<string, string | null>) => ({ packages: { ...cluster.packages, ...change } });

  it('finds nothing between equals', () => {
    assert.deepEqual(compareEnvironments(cluster, cluster), []);
  });

  it('refuses another minor version of Python, and only warns of another patch', () => {
    assert.deepEqual(fatal({ python: '3.12.7' }), ['Python']);
    assert.deepEqual(fatal({ python: '3.11.9' }), []);
    assert.equal(compareEnvironments(cluster, { ...cluster, python: '3.11.9' }).length, 1);
  });

  it('refuses any other release of dask and distributed, or none', () => {
    assert.deepEqual(fatal(packages({ dask: '2026.8.1' })), ['dask']);
    assert.deepEqual(fatal(packages({ distributed: null })), ['distributed']);
  });

  it('refuses another major version of the rest, and warns where it is absent', () => {
    assert.deepEqual(fatal(packages({ numpy: '1.26.4' })), ['numpy']);
    assert.deepEqual(fatal(packages({ numpy: '2.3.0' })), []);
    assert.deepEqual(fatal(packages({ numpy: null })), []);
    assert.equal(compareEnvironments(cluster, { ...cluster, ...packages({ numpy: null }) })[0]?.worker, 'absent');
  });

  it('does not ask for what the cluster itself lacks', () => {
    assert.deepEqual(compareEnvironments(cluster, { ...cluster, ...packages({ coffea: '2026.9.0' }) }), []);
  });

  it('refuses another minor version of ROOT', () => {
    assert.deepEqual(fatal({ root: '6.30.02' }), ['ROOT']);
  });

  it('says both versions and what to do', () => {
    const said = sayDifferences('north-3', compareEnvironments(cluster, { ...cluster, python: '3.9.2' }));
    assert.match(said, /Python 3\.9\.2 there, 3\.11\.7 in the cluster.*give its pool/);
  });
});
