import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeFigures } from '../../../src/notebook/figures.js';

describe('writeFigures', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-figures-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const picture = (data: object): object => ({ output_type: 'display_data', data, metadata: {} });
  const write = async (...cells: object[]): Promise<string[]> => {
    const path = join(folder, 'executed.ipynb');
    await writeFile(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    return (await writeFigures(path, folder)).map((written) => basename(written));
  };
  const cell = (id: string, ...outputs: object[]): object => ({ cell_type: 'code', id, source: 'plot()', outputs });
  const png = Buffer.from('picture').toString('base64');

  it('writes each picture in its form, named by its cell, in order', async () => {
    const second = picture({ 'image/png': `${png}\n`, 'text/plain': '<Figure>' });
    const both = picture({ 'image/png': png, 'image/svg+xml': ['<svg>', '</svg>'] });
    assert.deepEqual(await write(cell('mass', both, second), cell('pt', second)), [
      'mass.png',
      'mass-2.png',
      'mass.svg',
      'pt.png',
    ]);
    assert.equal(await readFile(join(folder, 'mass-2.png'), 'utf8'), 'picture');
    assert.equal(await readFile(join(folder, 'mass.svg'), 'utf8'), '<svg></svg>');
  });

  it('writes nothing for a notebook without pictures', async () => {
    assert.deepEqual(await write(cell('text', { output_type: 'stream', name: 'stdout', text: 'no' })), []);
    assert.deepEqual(await readdir(folder), ['executed.ipynb']);
  });

  it('writes into its folder alone, whatever a cell calls itself', async () => {
    assert.deepEqual(await write(cell('../escape', picture({ 'image/png': png }))), ['cell-0.png']);
    assert.deepEqual((await readdir(folder)).sort(), ['cell-0.png', 'executed.ipynb']);
  });
});
