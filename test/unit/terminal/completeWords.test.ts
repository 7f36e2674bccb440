import assert from 'node:assert/strict';
import { completions, type Names } from '../../../src/terminal/completeWords.js';

describe('completions', () => {
  const names: Names = {
    clusters: async () => ['agc', 'ttbar'],
    pools: async (cluster) => (cluster === 'ttbar' ? ['main', 'gpu'] : []),
    sites: async (cluster) => (cluster === 'ttbar' ? ['north', 'south'] : []),
    workers: async (cluster) => (cluster === 'ttbar' ? ['main-2', 'main-1'] : []),
    kernels: async (cluster) => (cluster === 'ttbar' ? ['k1', 'k2'] : []),
    grids: async () => ['gridpp', 'lz'],
  };
  const ofLine = (line: string) => completions(line.split(' '), names);

  it('are commands first', async () => {
    assert.deepEqual(await ofLine('sc'), ['scale']);
    assert.deepEqual(await ofLine('st'), ['status', 'stop-everything']);
    assert.deepEqual(await ofLine('help do'), ['down', 'doctor']);
  });

  it('are the names that belong there', async () => {
    assert.deepEqual(await ofLine('scale t'), ['ttbar']);
    assert.deepEqual(await ofLine('scale ttbar '), ['main', 'gpu']);
    assert.deepEqual(await ofLine('scale ttbar main '), []);
    assert.deepEqual(await ofLine('why ttbar main-'), ['main-2', 'main-1']);
    assert.deepEqual(await ofLine('attach ttbar/'), ['ttbar/k1', 'ttbar/k2']);
    assert.deepEqual(await ofLine('run nb.ipynb --cluster a'), ['agc']);
    assert.deepEqual(await ofLine('run nb.ipynb -c '), ['agc', 'ttbar']);
    assert.deepEqual(await ofLine('grid check g'), ['gridpp']);
    assert.deepEqual(await ofLine('up x --grid '), ['gridpp', 'lz']);
    assert.deepEqual(await ofLine('completion z'), ['zsh']);
  });

  it('of a word that may come again leave out those that are there', async () => {
    assert.deepEqual(await ofLine('kill ttbar main-1 '), ['main-2']);
    assert.deepEqual(await ofLine('probe ttbar south '), ['north']);
  });

  it('are options after a dash, wherever values stand', async () => {
    assert.deepEqual(await ofLine('status ttbar --w'), ['--watch']);
    assert.deepEqual(await ofLine('up x --workers 2 --site a=1 --py'), ['--python']);
    assert.deepEqual(await ofLine('list --'), ['--json', '--help']);
  });

  it('leave paths to the shell, and say nothing of what they do not know', async () => {
    for (const line of ['run ', 'run nb.ipynb --output ', 'relay --cert ', 'weather ', 'run fit.py -- --']) {
      assert.deepEqual(await ofLine(line), [], line);
    }
  });
});
