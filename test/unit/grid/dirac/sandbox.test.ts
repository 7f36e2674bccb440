import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packSandbox, starter, unpackOutput } from '../../../../src/grid/dirac/sandbox.js';
import { scratchFolder } from '../../base/scratchFolder.js';

describe("DIRAC's sandboxes", function () {
  this.timeout(60_000);
  const scratch = scratchFolder();

  const intentOf = async (name: string, environment: Record<string, string> = {}) => {
    const sandbox = join(scratch(), `it's ${name}`);
    await mkdir(sandbox);
    await writeFile(join(sandbox, 'start.sh'), '#!/bin/sh\nprintf %s "$ODD"\n', { mode: 0o600 });
    return {
      ...{ mark: 'm', sites: [], count: 1, cores: 1, memoryMb: 0, walltimeSeconds: 60, executable: 'start.sh' },
      ...{ sandbox, environment },
    };
  };

  const unpacked = async (bytes: Buffer): Promise<string> => {
    const folder = join(scratch(), 'unpacked');
    await mkdir(folder);
    execFileSync('tar', ['--extract', '--bzip2', '--directory', folder], { input: bytes });
    return folder;
  };

  it('pack what a job carries under the name that DIRAC checks it by', async () => {
    const { name, bytes } = await packSandbox(await intentOf('packed'));
    assert.equal(name, `${createHash('md5').update(bytes).digest('hex')}.tar.bz2`);
    const folder = await unpacked(bytes);
    assert.deepEqual((await readdir(folder)).sort(), [starter, 'start.sh'].sort());
    assert.equal((await stat(join(folder, 'start.sh'))).mode & 0o111, 0o111);
  });

  it('carry the environment word for word past every quote', async () => {
    const odd = 'a "b" \'c\' $(exit 3) `exit 4` \\ ; é\nnext';
    const folder = await unpacked((await packSandbox(await intentOf('odd', { ODD: odd }))).bytes);
    assert.equal(execFileSync(`./${starter}`, { cwd: folder, encoding: 'utf8' }), odd);
  });

  it('are refused where DIRAC would refuse them, and where there is nothing to run', async () => {
    const large = await intentOf('large');
    await writeFile(join(large.sandbox, 'noise'), randomBytes(11 * 1024 * 1024));
    await assert.rejects(packSandbox(large), { code: 'intent-invalid', message: /DIRAC takes 10485760/ });
    const absent = { ...(await intentOf('absent')), executable: 'other.sh' };
    await assert.rejects(packSandbox(absent), { code: 'intent-invalid', message: /other\.sh/ });
  });

  it('give output, then errors, of each the end; one that DIRAC has left out is empty', async () => {
    const folder = join(scratch(), 'output');
    await mkdir(folder);
    await writeFile(join(folder, 'std.out'), `${'x'.repeat(100)}the end\n`);
    const pack = () => execFileSync('tar', ['--create', '--bzip2', '--directory', folder, '.']);
    assert.equal(await unpackOutput(pack(), 8), 'the end\n');
    await writeFile(join(folder, 'std.err'), 'an error\n');
    assert.equal(await unpackOutput(pack(), 9), 'xthe end\nan error\n');
  });

  it('are damaged in a sentence', async () => {
    await assert.rejects(unpackOutput(Buffer.from('no archive'), 10), {
      code: 'sandbox-failed',
      message: /tar on this/,
    });
  });
});
