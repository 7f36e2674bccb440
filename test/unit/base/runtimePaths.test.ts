import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  claimSocketPath,
  fittingSocketPath,
  runtimeFolder,
  socketPath,
  stateFolder,
} from '../../../src/base/runtimePaths.js';
import { scratchFolder } from './scratchFolder.js';

describe('runtimePaths', () => {
  const scratch = scratchFolder();

  it('puts the state of each host apart, for its owner alone', async () => {
    const path = await stateFolder({ XDG_STATE_HOME: scratch(), HOME: '/nowhere' });
    assert.equal(path, join(scratch(), 'sitespan', hostname()));
    assert.equal((await stat(path)).mode & 0o777, 0o700);
  });

  it('falls back to the home, also from a relative path', async () => {
    const expected = join(scratch(), '.local', 'state', 'sitespan', hostname());
    assert.equal(await stateFolder({ HOME: scratch() }), expected);
    assert.equal(await stateFolder({ HOME: scratch(), XDG_STATE_HOME: 'relative' }), expected);
  });

  it('puts sockets into the runtime folder', async () => {
    assert.equal(await runtimeFolder({ XDG_RUNTIME_DIR: scratch() }), join(scratch(), 'sitespan'));
  });

  it('has one socket path a subject, short however long the subject is', async () => {
    const env = { XDG_RUNTIME_DIR: scratch() };
    const long = join('/', 'a very long name of a cluster/'.repeat(20));
    const path = await socketPath(long, env);
    assert.equal(await socketPath(long, env), path);
    assert.notEqual(await socketPath(`${long}!`, env), path);
    assert.equal(dirname(path), join(scratch(), 'sitespan'));
    assert.ok(path.length - dirname(path).length < 32);
  });

  it('makes one name of a host whatever it is called', async () => {
    const name = async (host: string) => basename(await stateFolder({ XDG_STATE_HOME: scratch() }, host));
    assert.equal(await name('a b;$(c)/d'), 'a_b___c__d');
    assert.equal(await name('..'), '_.');
    assert.equal(await name(''), '_');
  });

  it('finds a socket where its listener has put it, from whatever environment', async () => {
    const [one, other] = [{ XDG_RUNTIME_DIR: join(scratch(), 'one') }, { XDG_RUNTIME_DIR: join(scratch(), 'other') }];
    const path = await claimSocketPath(scratch(), one);
    assert.equal(dirname(path), join(scratch(), 'one', 'sitespan'));
    assert.equal(await socketPath(scratch(), other), path);
    assert.equal(await claimSocketPath(scratch(), other), path);
  });

  it('puts it elsewhere when its folder can no longer be', async () => {
    const gone = join(scratch(), 'gone');
    await claimSocketPath(scratch(), { XDG_RUNTIME_DIR: gone });
    await rm(gone, { recursive: true });
    await writeFile(gone, '');
    const other = { XDG_RUNTIME_DIR: join(scratch(), 'other') };
    const path = await claimSocketPath(scratch(), other);
    assert.equal(dirname(path), join(scratch(), 'other', 'sitespan'));
    assert.equal(await socketPath(scratch(), {}), path);
  });

  it('refuses a path that the system would cut, and says what to do', () => {
    // Bytes count, not letters.
    const name = `/${'é'.repeat(60)}`;
    assert.throws(() => fittingSocketPath(name), {
      code: 'socket-path-too-long',
      message: /121 bytes.*XDG_RUNTIME_DIR/,
    });
    assert.equal(fittingSocketPath('/run/user/1000/s.sock'), '/run/user/1000/s.sock');
  });
});
