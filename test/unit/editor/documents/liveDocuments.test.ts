import assert from 'node:assert/strict';
import { gridUri } from '../../../../src/editor/documents/gridDocument.js';
import { LiveDocuments, type LiveSource } from '../../../../src/editor/documents/liveDocuments.js';
import { schemes } from '../../../../src/ids.js';
import { see } from '../../../rigs/window/vscode.mjs';

describe('A live document', () => {
  const uri = gridUri('gridpp');
  let documents: LiveDocuments | undefined;
  const errors: unknown[] = [];
  afterEach(() => {
    documents?.dispose();
    see();
    assert.deepEqual(errors.splice(0), []);
  });
  const open = (source: LiveSource): LiveDocuments => {
    documents = new LiveDocuments(
      schemes.grid,
      () => source,
      (error) => errors.push(error),
    );
    return documents;
  };
  /** All that was begun has been done. */
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('that was hidden before it had its text gets it when it is seen again', async () => {
    const gates: (() => void)[] = [];
    const live = open({
      run: async (show, signal) => {
        await new Promise<void>((resolve) => gates.push(resolve));
        if (!signal.aborted) show('what was found');
      },
    });
    const first = live.provideTextDocumentContent(uri);
    see();
    gates[0]?.();
    assert.equal(await first, '');
    see(uri);
    assert.equal(gates.length, 2);
    gates[1]?.();
    await settled();
    assert.equal(await live.provideTextDocumentContent(uri), 'what was found');
  });

  it('that was told whole is not asked for again', async () => {
    let runs = 0;
    const live = open({
      run: async (show) => {
        runs++;
        show('all of it');
      },
    });
    assert.equal(await live.provideTextDocumentContent(uri), 'all of it');
    await settled();
    see();
    see(uri);
    assert.equal(await live.provideTextDocumentContent(uri), 'all of it');
    assert.equal(runs, 1);
  });
});
