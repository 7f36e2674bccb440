import assert from 'node:assert/strict';
import { parseNotebook } from '../../../src/notebook/notebook.js';

describe('parseNotebook', () => {
  const notebook = (...cells: object[]): string =>
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
  const code = (more: object = {}): object => ({ cell_type: 'code', id: 'a', source: '1', outputs: [], ...more });
  const refuses = (text: string, message: RegExp): void =>
    assert.throws(() => parseNotebook(text, 'fit.ipynb'), { code: 'not-a-notebook', message });

  it('gives the code cells with their places among all cells', () => {
    const cells = parseNotebook(
      notebook({ cell_type: 'markdown', source: '# Fit' }, code({ execution_count: 3 })),
      'x',
    );
    assert.deepEqual(cells, [{ id: 'a', index: 1, source: '1', count: 3, outputs: [] }]);
  });

  it('reads a source that is a list of lines like one that is a string', () => {
    const [listed, whole] = parseNotebook(
      notebook(code({ source: ['a = 1\n', 'a'] }), code({ id: 'b', source: 'a = 1\na' })),
      'x',
    );
    assert.equal(listed?.source, whole?.source);
  });

  it('reads outputs, and leaves out those of a kind it does not know', () => {
    const outputs = [
      { output_type: 'stream', name: 'stdout', text: ['1\n', '2\n'] },
      { output_type: 'hologram', beams: 3 },
    ];
    const [cell] = parseNotebook(notebook(code({ outputs })), 'x');
    assert.deepEqual(cell?.outputs, [{ output_type: 'stream', name: 'stdout', text: '1\n2\n' }]);
  });

  it('gives an id fit for a file name where a cell has none, another’s, or a hostile one', () => {
    const cells = parseNotebook(notebook(code({ id: undefined }), code(), code(), code({ id: '../../x' })), 'x');
    assert.deepEqual(
      cells.map(({ id }) => id),
      ['cell-0', 'a', 'cell-2', 'cell-3'],
    );
  });

  it('refuses what is not JSON', () => refuses('nbformat: 4', /^fit\.ipynb is not a notebook: it is not JSON\.$/));
  it('refuses JSON that is no notebook', () => {
    refuses('{}', /it has no nbformat version\.$/);
    refuses('[4]', /it has no nbformat version\.$/);
  });
  it('refuses an older version and says what to do', () =>
    refuses('{"nbformat": 3, "worksheets": []}', /version 3, .*; open and save it once with Jupyter/));
  it('refuses a newer version and says what to do', () => refuses('{"nbformat": 5}', /version 5, .*; update Sitespan/));
  it('refuses a broken one and says where', () =>
    refuses(notebook(code({ source: 7 })), /what it has at cells\.0\.source is not/));
  it('refuses one without code', () =>
    refuses(notebook({ cell_type: 'markdown', source: '' }), /^The notebook fit\.ipynb has no code cells\.$/));
});
