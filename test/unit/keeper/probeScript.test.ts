import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { judge, probedEnvironment, probeFacts, probeScript } from '../../../src/keeper/probeScript.js';

const needs = { python: 'python3', file: '' };

describe('A probe', () => {
  it('says what is on a node, and reaches a relay that is there', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const relay = `127.0.0.1:${address.port}`;
    const run = (to: string, python = 'python3', file = '') =>
      probeFacts(
        execFileSync('/bin/sh', ['-c', probeScript], {
          encoding: 'utf8',
          env: {
            ...{ PATH: process.env['PATH'], SITESPAN_PROBE_RELAY: to },
            ...{ SITESPAN_PROBE_PYTHON: python, SITESPAN_PROBE_FILE: file },
          },
        }),
      );
    const facts = run(relay);
    assert.match(facts['python'] ?? '', /^3\.\d+\.\d+$/);
    assert.equal(facts['relay'], 'reached');
    assert.equal(judge('north', facts, needs, relay).ok, true);
    server.close();
    const refused = run(relay);
    assert.match(judge('north', refused, needs, relay).sentence, /^north's nodes cannot reach the relay .*refused/);
    assert.equal(run(relay, '/no/such/python')['python'], 'missing');
    assert.equal(run(relay, 'python3', '/no/such/script')['file'], 'missing');
  });

  it('is judged by what workers there would need', () => {
    const good = { host: 'node7', python: '3.11.7', relay: 'reached', cores: '8' };
    assert.deepEqual(judge('north', good, needs, 'r:1'), {
      ok: true,
      sentence: 'north can run workers: node7 has Python 3.11.7, 8 cores, and reaches the relay.',
    });
    const bad = (changes: object) => judge('north', { ...good, ...changes }, { ...needs, file: '/cvmfs/x' }, 'r:1');
    assert.match(bad({ python: 'missing' }).sentence, /^north has no python3 on node7/);
    assert.match(bad({ python: 'Segmentation fault' }).sentence, /does not run on node7/);
    assert.match(bad({ file: 'missing' }).sentence, /does not see \/cvmfs\/x/);
    assert.match(bad({ relay: 'timed out' }).sentence, /cannot reach the relay r:1 \(timed out\)/);
  });

  it('looks for what each kind of environment starts with', () => {
    assert.deepEqual(probedEnvironment({ kind: 'conda', prefix: '/opt/x' }), { python: '/opt/x/bin/python', file: '' });
    assert.deepEqual(probedEnvironment({ kind: 'script', script: '/s.sh', python: 'python3' }).file, '/s.sh');
    assert.deepEqual(probedEnvironment({ kind: 'container', image: 'docker://x', python: 'p' }).file, '');
  });
});
