import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { environmentSpec } from '../../../src/environment/environmentSpec.js';
import { formatEnvironment, parseEnvironment } from '../../../src/environment/parseEnvironment.js';

describe('parseEnvironment', () => {
  const env = { HOME: '/home/ada' };

  it('reads the four kinds, and writes them back the same', () => {
    for (const [text, spec] of [
      ['/opt/python/bin/python3', { kind: 'python', python: '/opt/python/bin/python3' }],
      ['python3.12', { kind: 'python', python: 'python3.12' }],
      ['conda:/opt/conda/envs/agc', { kind: 'conda', prefix: '/opt/conda/envs/agc' }],
      ['script:/cvmfs/x/setup.sh', { kind: 'script', script: '/cvmfs/x/setup.sh', python: 'python3' }],
      ['container:/cvmfs/x/image', { kind: 'container', image: '/cvmfs/x/image', python: 'python3' }],
      ['container:docker://a/b:1', { kind: 'container', image: 'docker://a/b:1', python: 'python3' }],
    ] as const) {
      assert.deepEqual(parseEnvironment(text, env), spec);
      assert.deepEqual(environmentSpec.parse(spec), spec);
      assert.equal(formatEnvironment(parseEnvironment(text, env)), text);
    }
  });

  it('takes a path from the folder one is in, and ~ as the home also behind a colon', () => {
    assert.deepEqual(parseEnvironment('.venv/bin/python', env), {
      kind: 'python',
      python: resolve('.venv/bin/python'),
    });
    assert.deepEqual(parseEnvironment('conda:~/envs/agc', env), { kind: 'conda', prefix: '/home/ada/envs/agc' });
    assert.deepEqual(parseEnvironment('script:setup.sh', env), {
      kind: 'script',
      script: resolve('setup.sh'),
      python: 'python3',
    });
  });

  it('says how to name one when none is named', () => {
    for (const text of ['', ' ', 'conda:', 'script: ']) {
      assert.throws(() => parseEnvironment(text, env), {
        code: 'usage',
        message: /names no environment; give .*conda:/,
      });
    }
  });
});
