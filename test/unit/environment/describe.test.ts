import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeEnvironment } from '../../../src/environment/describe.js';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import { scratchFolder } from '../base/scratchFolder.js';

const has = { python: '3.11.7', executable: '/x', machine: 'x86_64', packages: { dask: '1' }, root: null };

describe('describeEnvironment', () => {
  const folder = scratchFolder();

  /** An interpreter that is this POSIX shell. */
  async function python(source: string, mode = 0o755): Promise<EnvironmentSpec> {
    const path = join(folder(), 'python');
    await writeFile(path, `#!/bin/sh\n${source}\n`, { mode });
    return { kind: 'python', python: path };
  }
  const describeIt = (spec: EnvironmentSpec, env?: Record<string, string>) =>
    describeEnvironment(spec, '/ours', { timeoutMs: 60_000, ...(env === undefined ? {} : { env }) });

  it('is what the interpreter says, whatever a start-up file prints before it', async () => {
    const spec = await python(`echo "Welcome to the machine"; echo '${JSON.stringify(has)}'`);
    assert.deepEqual(await describeIt(spec), has);
  });

  it('asks the module of our package, and finds a name in PATH', async () => {
    await python(`[ "$*" = "-m sitespan.environment" ] && [ "$PYTHONPATH" = /ours ] && echo '${JSON.stringify(has)}'`);
    const env = { PATH: `${folder()}:/usr/bin:/bin` };
    assert.deepEqual(await describeIt({ kind: 'python', python: 'python' }, env), has);
  });

  it('says that there is none, by path and by name', async () => {
    await assert.rejects(describeIt({ kind: 'python', python: '/no/such/python' }), {
      code: 'environment-missing',
      message: /There is no interpreter \/no\/such\/python on this computer/,
    });
    await assert.rejects(describeIt({ kind: 'python', python: 'no-such-python' }), {
      code: 'environment-missing',
      message: /no-such-python in PATH/,
    });
  });

  it('says that it may not be run, or is a folder', async () => {
    await assert.rejects(describeIt(await python('echo', 0o644)), {
      code: 'environment-not-executable',
      message: /may not be run/,
    });
    await assert.rejects(describeIt({ kind: 'python', python: folder() }), {
      code: 'environment-not-executable',
      message: /is a folder; give the interpreter in it .*\/bin\/python/,
    });
  });

  it('says that it failed, with its last words', async () => {
    await assert.rejects(describeIt(await python('echo "libpython3.so: cannot open shared object file" >&2; exit 9')), {
      code: 'environment-failed',
      message: /exit code 9: libpython3\.so: cannot open shared object file; mend it/,
    });
  });

  it('says that it is too old to be asked', async () => {
    await assert.rejects(describeIt(await python('echo "  File x\nSyntaxError: invalid syntax" >&2; exit 1')), {
      code: 'environment-too-old',
      message: /give Python 3\.10/,
    });
  });

  it('says that it is something else', async () => {
    await assert.rejects(describeIt(await python('echo "hello, $#"')), {
      code: 'environment-strange',
      message: /it says "hello, 2"/,
    });
  });

  it('gives up after the time limit, and at once when asked to', async () => {
    const spec = await python('sleep 600');
    await assert.rejects(describeEnvironment(spec, '/ours', { timeoutMs: 100 }), {
      code: 'environment-timeout',
      message: /said nothing within 0\.1 s/,
    });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(describeEnvironment(spec, '/ours', { signal: stopped }), /stopped/);
  });

  it('tells a Python that is too old behind a set-up script, with its version', async () => {
    await mkdir(join(folder(), 'bin'));
    await writeFile(join(folder(), 'bin', 'python3'), '#!/bin/sh\necho 2.7\n', { mode: 0o755 });
    await writeFile(join(folder(), 'setup.sh'), `PATH=${folder()}/bin:$PATH\n`);
    await assert.rejects(describeIt({ kind: 'script', script: join(folder(), 'setup.sh'), python: 'python3' }), {
      code: 'environment-too-old',
      message: /python3 is Python 2\.7 on this computer, which is too old/,
    });
  });

  it('tells the last words of a set-up script that failed', async () => {
    await writeFile(join(folder(), 'setup.sh'), 'echo "no such platform"\nreturn 7\n');
    await assert.rejects(describeIt({ kind: 'script', script: join(folder(), 'setup.sh'), python: 'python3' }), {
      code: 'environment-failed',
      message: /setup\.sh failed on this computer with exit code 7.*\(it said: no such platform\)/,
    });
  });
});
