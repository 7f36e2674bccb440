import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentSpec } from '../../../../src/environment/environmentSpec.js';
import { writePayload } from '../../../../src/keeper/worker/payload.js';

describe('writePayload', () => {
  const joiner = {
    version: 1 as const,
    relay: { host: '127.0.0.1', port: 1, serverName: 'sitespan-relay' },
    credential: {
      tenant: 'me',
      cluster: 'c',
      role: 'joiner' as const,
      subject: 'join-1',
      expires: 1,
      key: '0'.repeat(64),
    },
    tls: { ca: '-----BEGIN CERTIFICATE-----' },
  };
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'payload-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('carries the start script, the join token and the wheel, and no key for TLS', async () => {
    await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
    await writePayload(join(folder, 'payload'), folder, { kind: 'python', python: '/usr/bin/python3' }, joiner);
    assert.deepEqual((await readdir(join(folder, 'payload'))).sort(), [
      'join.json',
      'sitespan-1-py3-none-any.whl',
      'start.sh',
    ]);
    assert.doesNotMatch(await readFile(join(folder, 'payload', 'join.json'), 'utf8'), /PRIVATE KEY/);
    assert.equal((await stat(join(folder, 'payload', 'join.json'))).mode & 0o777, 0o600);
  });

  it('starts an interpreter whose path would be dangerous in a shell', async () => {
    await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
    const python = join(folder, `it's $(touch hacked) "py"`);
    await writeFile(python, '#!/bin/sh\n[ "$1" = -c ] && echo good || echo "$@"\n');
    await chmod(python, 0o755);
    await writePayload(join(folder, 'payload'), folder, { kind: 'python', python }, joiner);
    const said = execFileSync('sh', ['start.sh'], { cwd: join(folder, 'payload'), encoding: 'utf8' });
    assert.match(
      said,
      /-m zipfile -e sitespan-1-py3-none-any\.whl lib\n-m sitespan\.worker --join .*join\.json --enrol-seconds 600/,
    );
    assert.equal((await readdir(folder)).includes('hacked'), false);
  });

  it('says which interpreter the node lacks', async () => {
    await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
    await writePayload(join(folder, 'payload'), folder, { kind: 'python', python: '/no/such/python' }, joiner);
    assert.throws(() => execFileSync('sh', ['start.sh'], { cwd: join(folder, 'payload'), stdio: 'pipe' }), {
      status: 3,
      message: /there is no \/no\/such\/python on this node/,
    });
  });

  describe('in other environments', () => {
    const tellingPython = `#!/bin/sh
[ "$1" = -c ] && { echo good; exit; }
echo "$@"
echo "PYTHONPATH=$PYTHONPATH in $(pwd)"
`;
    let bin: string;
    beforeEach(async () => {
      await writeFile(join(folder, 'sitespan-1-py3-none-any.whl'), 'wheel');
      bin = join(folder, "ada's env", 'bin');
      await mkdir(bin, { recursive: true });
      for (const name of ['python', 'python3']) await writeFile(join(bin, name), tellingPython, { mode: 0o755 });
    });
    const start = async (environment: EnvironmentSpec): Promise<string> => {
      await writePayload(join(folder, 'payload'), folder, environment, joiner);
      const env = { PATH: `${bin}:/usr/bin:/bin` };
      return execFileSync('sh', ['start.sh'], { cwd: join(folder, 'payload'), encoding: 'utf8', env });
    };
    const worker =
      /-m sitespan\.worker --join \S+join\.json --enrol-seconds 600\nPYTHONPATH=\S+\/payload\/lib:\/theirs in \S+\/payload\/work/;

    it('sets PYTHONPATH after a set-up script, which talks and sets its own', async () => {
      const script = join(folder, "it's $(touch hacked).sh");
      await writeFile(script, `echo noise; export PYTHONPATH=/theirs PATH="${bin}:$PATH"\n`);
      assert.match(await start({ kind: 'script', script, python: 'python3' }), worker);
      assert.equal((await readdir(join(folder, 'payload'))).includes('hacked'), false);
    });

    it('runs the scripts of a conda prefix', async () => {
      const prefix = join(bin, '..');
      await mkdir(join(prefix, 'etc', 'conda', 'activate.d'), { recursive: true });
      await writeFile(join(prefix, 'etc', 'conda', 'activate.d', 'a.sh'), 'export PYTHONPATH=/theirs\n');
      assert.match(await start({ kind: 'conda', prefix }), worker);
    });

    it('starts itself once more inside of a container, which sees the folder of the job', async () => {
      // Stands for apptainer: checks what it is given, then runs the command as the image would.
      await writeFile(
        join(bin, 'apptainer'),
        `#!/bin/sh\n[ "$1 $2 $4" = "exec --bind --pwd" ] && [ "$3" = "$5" ] && [ "$6" = "/an image" ] || exit 9\nshift 6\nPYTHONPATH=/theirs exec "$@"\n`,
        { mode: 0o755 },
      );
      assert.match(await start({ kind: 'container', image: '/an image', python: 'python3' }), worker);
    });

    it('shows a container what the pool asks for, the proxy, and nothing that is not there', async () => {
      const proxy = join(folder, 'proxy');
      await writeFile(proxy, '');
      await writeFile(join(bin, 'singularity'), '#!/bin/sh\nprintf "[%s]" "$@"\n', { mode: 0o755 });
      const environment: EnvironmentSpec = { kind: 'container', image: '/i', python: 'python3', binds: ["/it's"] };
      await writePayload(join(folder, 'payload'), folder, environment, joiner);
      const env = { PATH: `${bin}:/usr/bin:/bin`, X509_USER_PROXY: proxy, X509_CERT_DIR: join(folder, 'none') };
      const said = execFileSync('sh', ['start.sh'], { cwd: join(folder, 'payload'), encoding: 'utf8', env });
      assert.match(said, /^\[exec\]\[--bind\]\[\S+payload\]\[--pwd\]\[\S+payload\]\[--bind\]\[\/it's\]/);
      assert.ok(said.includes(`[--bind][${proxy}]`), said);
      assert.equal(said.includes('none'), false);
      assert.match(said, /\[\/i\]\[\/bin\/sh\]\[\S+start\.sh\]\[entered\]$/);
    });

    it('says in its last line that a set-up script failed on the node', async () => {
      await writeFile(join(folder, 'fails.sh'), 'exit 5\n');
      await assert.rejects(start({ kind: 'script', script: join(folder, 'fails.sh'), python: 'python3' }), {
        status: 3,
        message: /fails\.sh failed on this node with exit code 5;/,
      });
    });
  });
});
