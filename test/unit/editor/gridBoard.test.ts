import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { until } from '../../../src/base/waiting.js';
import { GridBoard, type GridSource } from '../../../src/editor/gridBoard.js';
import type { GridSite } from '../../../src/owner/gridSites.js';
import { describedGrid } from './describedGrid.js';

/** Grids in memory; each question is noted. */
class Source implements GridSource {
  grids: Record<string, ReturnType<typeof describedGrid>> = {};
  readonly asked: string[] = [];
  answer: readonly GridSite[] | Error = [];

  async read() {
    return this.grids;
  }

  async sites(name: string): Promise<readonly GridSite[]> {
    this.asked.push(name);
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}

describe('GridBoard', () => {
  let source: Source;
  let board: GridBoard;
  const made = (everyMs?: number): void => {
    source = new Source();
    source.grids = { gridpp: describedGrid('LCG.A.uk'), ukqcd: describedGrid('LCG.B.uk') };
    source.answer = [{ name: 'LCG.A.uk', word: 'Active', workers: 0 }];
    board = new GridBoard(source, (error) => assert.fail(String(error)), everyMs);
  };
  beforeEach(() => made());
  afterEach(() => board.dispose());
  const soon = (what: string, condition: () => boolean): Promise<void> =>
    until(condition, { timeoutMs: 5000, everyMs: 2, what });

  it('knows the grids and their sites by name before they have answered', async () => {
    await board.refresh();
    assert.deepEqual(board.known, [
      { name: 'gridpp', sites: [{ name: 'LCG.A.uk', workers: 0 }], trouble: undefined },
      { name: 'ukqcd', sites: [{ name: 'LCG.B.uk', workers: 0 }], trouble: undefined },
    ]);
    assert.deepEqual(source.asked, []);
  });

  it('asks each once when somebody looks, but for those of which others tell', async () => {
    board.look((grid) => grid === 'ukqcd');
    await soon('The answer', () => board.known[0]?.sites[0]?.word === 'Active');
    board.look((grid) => grid === 'ukqcd');
    await board.refresh();
    assert.deepEqual(source.asked, ['gridpp']);
  });

  it('asks again in its time while somebody looks, and not while nobody does', async () => {
    board.dispose();
    made(5);
    board.look(() => false);
    await soon('More questions', () => source.asked.length > 4);
    board.lookAway();
    const asked = source.asked.length;
    await board.refresh();
    assert.equal(source.asked.length, asked);
  });

  it('keeps what is known of a grid that does not answer, with why', async () => {
    source.answer = new SitespanError('grid-unreachable', 'It is away.');
    board.look(() => false);
    await soon('The trouble', () => board.known[0]?.trouble !== undefined);
    assert.deepEqual(board.known[0]?.sites, [{ name: 'LCG.A.uk', workers: 0 }]);
    source.answer = [{ name: 'LCG.A.uk', word: 'Active', workers: 0 }];
    await board.refresh();
    await soon('Its answer', () => board.known.every(({ trouble }) => trouble === undefined));
    const words = board.known.flatMap(({ sites }) => sites.map(({ word }) => word));
    assert.deepEqual(words, ['Active', 'Active']);
  });

  it('forgets one that was removed, and tells of it', async () => {
    await board.refresh();
    let told = 0;
    board.onDidChange(() => told++);
    source.grids = { gridpp: describedGrid('LCG.A.uk') };
    await board.refresh();
    assert.deepEqual([board.known.map(({ name }) => name), told], [['gridpp'], 1]);
  });

  it('says why the list cannot be read', async () => {
    source.read = async () => {
      throw new SitespanError('grids-damaged', 'It is damaged.');
    };
    await board.refresh();
    assert.equal(board.trouble?.code, 'grids-damaged');
  });
});
