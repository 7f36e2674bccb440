import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FindOptions, findEnvironments } from '../../../src/environment/find/find.js';
import { formatEnvironment } from '../../../src/environment/parseEnvironment.js';
import { scratchFolder } from '../base/scratchFolder.js';

describe('findEnvironments', () => {
  const folder = scratchFolder();
  const at = (...parts: string[]): string => join(folder(), ...parts);

  /** Whoever starts one fails the test: finding starts nothing. */
  async function program(...parts: string[]): Promise<string> {
    const path = at(...parts);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `#!/bin/sh\ntouch ${at('started')}\n`, { mode: 0o755 });
    return path;
  }
  async function file(...parts: string[]): Promise<string> {
    const path = at(...parts);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    return path;
  }
  async function conda(...parts: string[]): Promise<string> {
    await program(...parts, 'bin', 'python');
    await file(...parts, 'conda-meta', 'history');
    return at(...parts);
  }
  async function venv(of: string, ...parts: string[]): Promise<string> {
    await file(...parts, 'pyvenv.cfg');
    await mkdir(at(...parts, 'bin'));
    await symlink(of, at(...parts, 'bin', 'python'));
    return at(...parts, 'bin', 'python');
  }
  async function find(options: FindOptions = {}) {
    const env = { PATH: at('usr'), ...options.env };
    return findEnvironments({
      home: at('home'),
      cvmfs: at('cvmfs'),
      machine: 'x86_64',
      timeoutMs: 60_000,
      ...options,
      env,
    });
  }
  const names = async (options?: FindOptions): Promise<string[]> =>
    (await find(options)).environments.map(({ spec }) => formatEnvironment(spec).replace(folder(), ''));

  it('finds nothing where there is nothing', async () => {
    assert.deepEqual(await find(), { environments: [], silent: [], containerRuntime: undefined });
  });

  it('finds every kind, the likeliest first, with a label each', async () => {
    const system = await program('usr', 'python3.11');
    await symlink(system, at('usr', 'python3'));
    await program('usr', 'python3.9');
    const runtime = await program('usr', 'apptainer');
    await venv(system, 'home', 'analysis', '.venv');
    const active = await venv(system, 'home', 'active');
    await conda('home', 'miniforge3');
    await file('home', 'miniforge3', 'condabin', 'conda');
    await conda('home', 'miniforge3', 'envs', 'agc');
    await conda('elsewhere', 'listed');
    await file('home', '.conda', 'environments.txt');
    await writeFile(at('home', '.conda', 'environments.txt'), `${at('elsewhere', 'listed')}\n${at('gone')}\n\n`);
    await program('home', '.pyenv', 'versions', '3.12.1', 'bin', 'python');
    await file('cvmfs', 'sft.cern.ch', 'lcg', 'views', 'LCG_106', 'x86_64-el9-gcc13-opt', 'setup.sh');
    await mkdir(at('cvmfs', 'unpacked.cern.ch', 'registry.hub.docker.com', 'coffeateam', 'coffea-dask:latest'), {
      recursive: true,
    });
    const found = await find({
      env: { VIRTUAL_ENV: dirname(dirname(active)) },
      workspace: at('home', 'analysis', 'notebooks'),
    });
    assert.deepEqual(
      found.environments.map(({ label, spec }) => [label, spec.kind, formatEnvironment(spec).replace(folder(), '')]),
      [
        ['virtual environment active', 'python', '/home/active/bin/python'],
        ['virtual environment of analysis', 'python', '/home/analysis/.venv/bin/python'],
        ['python3 in PATH', 'python', '/usr/python3'],
        ['python3.9 in PATH', 'python', '/usr/python3.9'],
        ['conda listed', 'conda', 'conda:/elsewhere/listed'],
        ['conda base (miniforge3)', 'conda', 'conda:/home/miniforge3'],
        ['conda agc', 'conda', 'conda:/home/miniforge3/envs/agc'],
        ['pyenv 3.12.1', 'python', '/home/.pyenv/versions/3.12.1/bin/python'],
        [
          'LCG_106 x86_64-el9-gcc13-opt',
          'script',
          'script:/cvmfs/sft.cern.ch/lcg/views/LCG_106/x86_64-el9-gcc13-opt/setup.sh',
        ],
        [
          'container coffea-dask:latest',
          'container',
          'container:/cvmfs/unpacked.cern.ch/registry.hub.docker.com/coffeateam/coffea-dask:latest',
        ],
      ],
    );
    assert.equal(found.containerRuntime, runtime);
    assert.deepEqual(await names({ workspace: at('started') }).then((all) => all.includes('started')), false);
  });

  it('starts nothing', async () => {
    await program('usr', 'python3');
    await conda('home', 'miniconda3');
    await find();
    await assert.rejects(
      import('node:fs/promises').then(({ stat }) => stat(at('started'))),
      { code: 'ENOENT' },
    );
  });

  it('tells a virtual environment from the Python that it was made from, and two links to one from two', async () => {
    const system = await program('usr', 'python3');
    await venv(system, 'work', '.venv');
    await symlink(at('usr'), at('other'));
    assert.deepEqual(await names({ workspace: at('work'), env: { PATH: `${at('usr')}:${at('other')}` } }), [
      '/work/.venv/bin/python',
      '/usr/python3',
    ]);
  });

  it('knows the python in PATH of a conda prefix as that prefix, once', async () => {
    const prefix = await conda('home', 'miniforge3');
    const env = { PATH: join(prefix, 'bin'), CONDA_PREFIX: prefix };
    assert.deepEqual(await names({ env }), ['conda:/home/miniforge3']);
  });

  it('leaves out what is no interpreter: a file that cannot run, a shim, a prefix without Python', async () => {
    await file('usr', 'python3');
    await program('home', '.pyenv', 'shims', 'python3');
    await file('home', 'miniforge3', 'envs', 'r', 'conda-meta', 'history');
    assert.deepEqual(await names({ env: { PATH: `${at('usr')}:${at('home', '.pyenv', 'shims')}:relative` } }), []);
  });

  it('takes of hundreds of views the newest releases that are for this machine', async () => {
    const views = ['cvmfs', 'sft.cern.ch', 'lcg', 'views'];
    for (let release = 90; release <= 108; release++) {
      for (const platform of ['x86_64-el9-gcc13-dbg', 'x86_64-el9-gcc13-opt', 'aarch64-el9-gcc13-opt']) {
        await file(...views, `LCG_${release}`, platform, 'setup.sh');
      }
    }
    await file(...views, 'dev3', 'x86_64-el9-gcc13-opt', 'setup.sh');
    const found = (await find()).environments.map(({ label }) => label);
    assert.deepEqual(found.slice(0, 3), [
      'LCG_108 x86_64-el9-gcc13-opt',
      'LCG_108 x86_64-el9-gcc13-dbg',
      'LCG_107 x86_64-el9-gcc13-opt',
    ]);
    assert.equal(found.length, 8);
  });

  it('ends at once when asked to', async () => {
    await assert.rejects(find({ signal: AbortSignal.abort(new Error('stopped')) }), /stopped/);
  });
});
