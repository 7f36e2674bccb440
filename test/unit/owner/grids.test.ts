import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GridDescription, gridDescription } from '../../../src/grid/dirac/gridDescription.js';
import { addGrid, gridsPath, readGrid, readGrids, removeGrid } from '../../../src/owner/grids.js';

const described = (setup: string): GridDescription =>
  gridDescription.parse({
    spec: {
      ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup, vo: 'gridpp', group: 'gridpp_user' },
      ...{ sites: ['LCG.A.uk'], proxy: '/tmp/x509up_u1', caDirectory: '/etc/grid-security/certificates' },
    },
    configuration: 'https://dirac.example:9135/Configuration/Server',
  });

describe('the grids that a person has added', () => {
  const before = process.env['XDG_CONFIG_HOME'];
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-grids-'));
    process.env['XDG_CONFIG_HOME'] = folder;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
    await rm(folder, { recursive: true, force: true });
  });

  it('are kept whole, in a file that others cannot read', async () => {
    await addGrid('gridpp', described('GridPP'));
    assert.deepEqual(await readGrids(), { gridpp: described('GridPP') });
    assert.equal(gridsPath(), join(folder, 'sitespan', 'grids.json'));
    assert.equal((await stat(gridsPath())).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(dirname(gridsPath())), ['grids.json']);
  });

  it('are none before one is added, and nothing is made by looking', async () => {
    assert.deepEqual(await readGrids(), {});
    await assert.rejects(readGrid('gridpp'), { code: 'grid-unknown', message: /none has been added/ });
    assert.deepEqual(await readdir(folder), []);
  });

  it('are replaced only where that is said', async () => {
    await addGrid('gridpp', described('GridPP'));
    await assert.rejects(addGrid('gridpp', described('Other')), { code: 'grid-exists' });
    assert.equal((await readGrid('gridpp')).spec.setup, 'GridPP');
    await addGrid('gridpp', described('Other'), true);
    assert.equal((await readGrid('gridpp')).spec.setup, 'Other');
  });

  it('are removed by name', async () => {
    await addGrid('gridpp', described('GridPP'));
    await addGrid('lz', described('LZ'));
    await removeGrid('gridpp');
    assert.deepEqual(Object.keys(await readGrids()), ['lz']);
    await assert.rejects(removeGrid('gridpp'), { code: 'grid-unknown', message: /there are lz/ });
  });

  it('are all there when several are added at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    // One process holds the file once: others are other processes.
    const run = (name: string) =>
      new Promise<void>((resolve, reject) => {
        const module = join(import.meta.dirname, '..', '..', '..', 'src', 'owner', 'grids.ts');
        const code = `import(${JSON.stringify(module)}).then(({ addGrid }) => addGrid(${JSON.stringify(name)}, ${JSON.stringify(described('S'))}))`;
        execFile(process.execPath, ['--import', 'tsx', '-e', code], (error) => (error ? reject(error) : resolve()));
      });
    await Promise.all(names.map(run));
    assert.deepEqual(Object.keys(await readGrids()).sort(), names);
  }).timeout(60_000);

  it('have names that settings take', async () => {
    for (const name of ['local', '', 'a b', '../x']) {
      await assert.rejects(addGrid(name, described('S')), { code: 'name-invalid' }, name);
    }
  });

  it('say when their file is damaged or newer, and leave it alone', async () => {
    await mkdir(dirname(gridsPath()), { recursive: true });
    for (const [text, code] of [
      ['{"version": 1, "grids"', 'grids-damaged'],
      ['{"version": 1, "grids": {"gridpp": {}}}', 'grids-damaged'],
      ['{"version": 2, "networks": {}}', 'grids-newer'],
    ] as const) {
      await writeFile(gridsPath(), text);
      await assert.rejects(readGrids(), { code });
      await assert.rejects(addGrid('gridpp', described('S')), { code });
      assert.equal(await readFile(gridsPath(), 'utf8'), text);
    }
  });
});
