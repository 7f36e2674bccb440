import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentDescription } from '../../../src/environment/description.js';
import { oldestPython, unfitness } from '../../../src/environment/fitness.js';

describe('unfitness', () => {
  const has: EnvironmentDescription = {
    python: '3.11.7',
    executable: '/opt/bin/python3',
    machine: 'x86_64',
    packages: { dask: '2026.8.0', distributed: '2026.8.0' },
    root: null,
    notebook: { ipykernel: '7.4.0', jupyter_client: '8.10.0' },
  };

  it('has nothing to say of an environment that can do it', () => {
    assert.equal(unfitness('here', has, 'cluster'), undefined);
    assert.equal(unfitness('here', has, 'kernel'), undefined);
    assert.equal(unfitness('here', { ...has, python: '3.10.0' }, 'cluster'), undefined);
  });

  it('names what is missing and how to install it', () => {
    const error = unfitness('conda:/x', { ...has, packages: { ...has.packages, distributed: null } }, 'cluster');
    assert.equal(error?.code, 'environment-lacks');
    assert.match(
      error?.message ?? '',
      /conda:\/x .* has no distributed; .*\/opt\/bin\/python3 -m pip install distributed/,
    );
  });

  it('wants of a kernel what a worker need not have', () => {
    const without = { ...has, notebook: { ipykernel: null, jupyter_client: null } };
    assert.equal(unfitness('here', without, 'cluster'), undefined);
    assert.match(unfitness('here', without, 'kernel')?.message ?? '', /no ipykernel and no jupyter_client/);
  });

  it('refuses a Python that our package does not run on', async () => {
    for (const python of ['3.9.18', '2.7.18', '3.6.0']) {
      assert.equal(unfitness('here', { ...has, python }, 'cluster')?.code, 'environment-too-old');
    }
    const project = await readFile(join(import.meta.dirname, '..', '..', '..', 'python', 'pyproject.toml'), 'utf8');
    assert.equal(/requires-python = ">=([\d.]+)"/.exec(project)?.[1], oldestPython.join('.'));
  });
});
