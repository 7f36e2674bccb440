import assert from 'node:assert/strict';
import type { EnvironmentDescription } from '../../../src/environment/description.js';
import { judgeProbe, type Probed } from '../../../src/keeper/judgeProbe.js';

const cluster: EnvironmentDescription = {
  ...{ python: '3.11.7', executable: '/usr/bin/python3', machine: 'x86_64', root: null },
  packages: { dask: '2026.8.0', distributed: '2026.8.0', numpy: '2.4.6' },
};
const facts = {
  host: 'node7',
  environment: JSON.stringify(cluster),
  node: JSON.stringify({ cores: 8, memoryMb: 16_000, gpus: [] }),
  relay: 'reached',
};
const judge = (changes: Partial<Probed> = {}, more: Readonly<Record<string, string>> = {}) =>
  judgeProbe({
    ...{ site: 'north', facts: { ...facts, ...more }, environment: { kind: 'python', python: 'python3' } },
    ...{ cluster, relay: 'relay.example:443' },
    ...changes,
  });

describe('judgeProbe', () => {
  it('finds a site good where the environment is the cluster’s and the relay is reached', () => {
    const { ok, sentence, facts: shown } = judge();
    assert.equal(ok, true);
    assert.equal(
      sentence,
      'north can run workers: node7 has Python 3.11.7, 8 cores, 16 GB of memory, and reaches the relay.',
    );
    assert.deepEqual(shown, { host: 'node7', relay: 'reached', python: '3.11.7' });
  });

  it('says which Python is there against which here, and what lacks', () => {
    const old = { ...cluster, python: '3.9.18', packages: { ...cluster.packages, dask: null } };
    assert.match(
      judge({}, { environment: JSON.stringify(old) }).sentence,
      /^north cannot run workers: Python 3\.9\.18 against your kernel's 3\.11\.7, dask absent against your kernel's 2026\.8\.0; give pools there/,
    );
    assert.equal(
      judge({ cluster: undefined }, { environment: JSON.stringify(old) }).ok,
      true,
      'nothing to compare with',
    );
  });

  it('says that the relay is not reached, and what to ask for', () => {
    assert.match(
      judge({}, { relay: 'refused' }).sentence,
      /^north cannot reach relay\.example:443: refused; ask the site to allow outgoing TCP/,
    );
  });

  it('says what kept the environment from being entered', () => {
    const { environment: _, ...bare } = facts;
    const lastWords = 'there is no /opt/python on this node; give an interpreter that is there.';
    const said = judge({ facts: bare, lastWords }).sentence;
    assert.equal(
      said,
      'north cannot run workers: there is no /opt/python on node7; give an interpreter that is there.',
    );
    const environment = { kind: 'container' as const, image: '/cvmfs/image', python: 'python3' };
    const none = judge({
      facts: bare,
      environment,
      lastWords: 'neither apptainer nor singularity is in PATH on this node',
    });
    assert.match(none.sentence, /^north cannot run workers: no container runtime: neither apptainer .* on node7\.$/);
    assert.match(judge({ facts: bare }).sentence, /the environment said nothing\.$/);
  });
});
