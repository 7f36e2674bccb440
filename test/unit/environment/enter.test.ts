import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { enter, type Surroundings } from '../../../src/environment/enter.js';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import { scratchFolder } from '../base/scratchFolder.js';

/** Tells its arguments and some of its environment, a line each; knows its version as far as it is asked. */
const tellingPython = `#!/bin/sh
case "$1" in -c) echo good; exit ;; esac
for argument in "$@"; do printf 'arg %s\\n' "$argument"; done
env | grep -E '^(PYTHONPATH|PYTHONHOME|CONDA_|SITESPAN_|OF_|PATH)' | sort
`;

describe('enter', () => {
  const folder = scratchFolder();

  /** A folder with `bin/python` and `bin/python3` that tell. */
  async function prefix(name = 'prefix'): Promise<string> {
    const path = join(folder(), name);
    await mkdir(join(path, 'bin'), { recursive: true });
    for (const python of ['python', 'python3']) {
      await writeFile(join(path, 'bin', python), tellingPython, { mode: 0o755 });
    }
    return path;
  }
  async function script(source: string, name = 'setup.sh'): Promise<EnvironmentSpec> {
    const path = join(folder(), name);
    await writeFile(path, source);
    return { kind: 'script', script: path, python: 'python3' };
  }
  async function run(spec: EnvironmentSpec, args: readonly string[] = [], around: Surroundings = {}) {
    const env = { PATH: '/usr/bin:/bin', ...around.env };
    const entered = enter(spec, '/ours', args, { ...around, env });
    return runLeashed({ ...entered, timeoutMs: 60_000 });
  }
  async function told(...of: Parameters<typeof run>): Promise<string[]> {
    const { exitCode, stdout, stderr } = await run(...of);
    assert.equal(exitCode, 0, stderr);
    return stdout.trimEnd().split('\n');
  }

  it('starts an interpreter with our package first', async () => {
    const python = join(await prefix(), 'bin', 'python');
    const lines = await told({ kind: 'python', python }, ['-m', 'x y'], { env: { PYTHONPATH: '/theirs' } });
    assert.deepEqual(lines.slice(0, 2), ['arg -m', 'arg x y']);
    assert.ok(lines.includes('PYTHONPATH=/ours:/theirs'));
  });

  it('looks for a name in PATH', async () => {
    const path = join(await prefix(), 'bin');
    assert.deepEqual(
      (await told({ kind: 'python', python: 'python3' }, ['a'], { env: { PATH: `${path}:/usr/bin:/bin` } }))[0],
      'arg a',
    );
  });

  it('sets PYTHONPATH and what is added after the set-up script has run', async () => {
    const spec = await script(
      `export PATH="${await prefix()}/bin:$PATH" PYTHONPATH=/of/the/script SITESPAN_IDENTITY=/stolen OF_SCRIPT=1\n`,
    );
    const lines = await told(spec, [], { additions: { SITESPAN_IDENTITY: '/mine', OF_ME: `it's "$HOME"` } });
    assert.ok(lines.includes('PYTHONPATH=/ours:/of/the/script'), lines.join('\n'));
    assert.ok(lines.includes('SITESPAN_IDENTITY=/mine'));
    assert.ok(lines.includes('OF_SCRIPT=1'));
    assert.ok(lines.includes(`OF_ME=it's "$HOME"`));
  });

  it('gives a set-up script no arguments, and takes nothing that it prints for an answer', async () => {
    const spec = await script(`echo "noise $# $*"; set -- lost; read -r x; PATH="${await prefix()}/bin:$PATH"\n`);
    const lines = await told(spec, ['one', 'two words', '$(touch hacked)', '']);
    assert.deepEqual(lines.slice(0, 4), ['arg one', 'arg two words', 'arg $(touch hacked)', 'arg ']);
    assert.match((await run(spec, ['one'])).stderr, /^noise 0 $/m);
  });

  it('needs no other program in PATH than what a set-up script has left there', async () => {
    const spec = await script(`PATH="${await prefix()}/bin"\n`);
    // The one that tells needs some itself.
    await writeFile(join(folder(), 'prefix', 'bin', 'python3'), '#!/bin/sh\necho good\n', { mode: 0o755 });
    assert.deepEqual(await told(spec), ['good']);
  });

  it('survives the options that a set-up script leaves', async () => {
    const spec = await script(`set -eu; PATH="${await prefix()}/bin:$PATH"\n`);
    assert.equal((await told(spec, ['one']))[0], 'arg one');
  });

  it('reads no text of the user as shell', async () => {
    const spec = await script(`PATH="${await prefix()}/bin:$PATH"\n`, `it's $(touch hacked) "set up";.sh`);
    assert.equal((await told(spec, ['one']))[0], 'arg one');
    const named: EnvironmentSpec = {
      ...(await script('true\n')),
      kind: 'script',
      script: join(folder(), 'setup.sh'),
      python: '; touch hacked',
    };
    const { exitCode, stderr } = await run(named);
    assert.equal(exitCode, 3);
    assert.match(stderr, /puts no ; touch hacked into PATH on this computer/);
    await assert.rejects(readFile('hacked'), { code: 'ENOENT' });
  });

  it('keeps the values of what is added out of the command line, which everybody can read', async () => {
    const { command, args } = enter(await script(''), '/ours', [], { additions: { OF_ME: 'swordfish' } });
    assert.doesNotMatch([command, ...args].join(' '), /swordfish/);
  });

  for (const [how, source, sentence] of [
    ['returns with an error', 'return 7', /setup\.sh failed on this computer with exit code 7;/],
    ['ends the shell', 'exit 5', /setup\.sh failed on this computer with exit code 5;/],
    ['stops at its first error', 'set -e; false; true', /setup\.sh failed on this computer with exit code 1;/],
    ['brings no interpreter', 'PATH=/none; true', /puts no python3 into PATH on this computer/],
  ] as const) {
    it(`says that a set-up script ${how}, in the last line`, async () => {
      const { exitCode, stderr } = await run(await script(`${source}\n`));
      assert.equal(exitCode, 3);
      assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', sentence);
    });
  }

  it('enters a conda prefix as conda would: first in PATH, its variables, its scripts in order', async () => {
    const path = await prefix("ada's env");
    await mkdir(join(path, 'etc', 'conda', 'activate.d'), { recursive: true });
    await writeFile(join(path, 'etc', 'conda', 'activate.d', 'a.sh'), 'echo noise; export OF_A=1; set -u; false\n');
    await writeFile(
      join(path, 'etc', 'conda', 'activate.d', 'b.sh'),
      'export OF_B="$OF_A of $CONDA_PREFIX" PYTHONPATH=/b\n',
    );
    const env = { CONDA_PREFIX: '/another', PYTHONHOME: '/another', PATH: '/usr/bin:/bin' };
    const lines = await told({ kind: 'conda', prefix: `${path}/` }, ['one'], { env });
    assert.deepEqual(lines, [
      'arg one',
      "CONDA_DEFAULT_ENV=ada's env",
      `CONDA_PREFIX=${path}`,
      'CONDA_SHLVL=1',
      'OF_A=1',
      `OF_B=1 of ${path}`,
      `PATH=${path}/bin:/usr/bin:/bin`,
      'PYTHONPATH=/ours:/b',
    ]);
  });

  it('works where nothing is set', async () => {
    const bare = async (spec: EnvironmentSpec): Promise<string> => {
      const { exitCode, stdout, stderr } = await runLeashed({
        ...enter(spec, '/ours', ['one'], { env: {} }),
        timeoutMs: 60_000,
      });
      assert.equal(exitCode, 0, stderr);
      return stdout;
    };
    const path = await prefix();
    assert.match(await bare({ kind: 'python', python: join(path, 'bin', 'python') }), /^arg one$/m);
    assert.match(await bare({ kind: 'conda', prefix: path }), /^PYTHONPATH=\/ours$/m);
    assert.match(await bare(await script(`export PATH="${path}/bin:$PATH"\n`)), /^PYTHONPATH=\/ours$/m);
  });

  /** Stands for apptainer: tells what it was given, then runs the command as the image would. */
  const runtime = `#!/bin/sh
[ "$1" = exec ] || exit 9
shift
while [ "$1" = --bind ]; do printf 'bind %s\\n' "$2"; shift 2; done
printf 'image %s\\n' "$1"
shift
PYTHONPATH=/of/the/image exec "$@"
`;

  it('binds our package and the given folders into a container, with what is added in it', async () => {
    const bin = join(await prefix(), 'bin');
    await writeFile(join(bin, 'apptainer'), runtime, { mode: 0o755 });
    const image: EnvironmentSpec = { kind: 'container', image: '/cvmfs/an image', python: 'python3' };
    const env = { PATH: `${bin}:/usr/bin:/bin`, PYTHONPATH: '/of/this/computer' };
    const lines = await told(image, ['one'], { env, folders: ['/work', '/ours', '/run/x'], additions: { OF_ME: '1' } });
    assert.deepEqual(lines.slice(0, 5), [
      'bind /ours',
      'bind /work',
      'bind /run/x',
      'image /cvmfs/an image',
      'arg one',
    ]);
    assert.ok(lines.includes('PYTHONPATH=/ours:/of/the/image'));
    assert.ok(lines.includes('OF_ME=1'));
  });

  it('says that nothing is there to enter a container with, and which folder cannot be bound', async () => {
    const image: EnvironmentSpec = { kind: 'container', image: '/image', python: 'python3' };
    const { exitCode, stderr } = await run(image, [], { env: { PATH: folder() } });
    assert.equal(exitCode, 3);
    assert.match(stderr, /neither apptainer nor singularity is in PATH on this computer/);
    assert.throws(() => enter(image, '/ours', [], { folders: ['/a:b'] }), { code: 'container-path' });
  });
});
