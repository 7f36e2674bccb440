import assert from 'node:assert/strict';
import { until } from '../../../src/base/waiting.js';
import { GridRounds } from '../../../src/keeper/gridRounds.js';

const soon = (condition: () => boolean): Promise<void> =>
  until(condition, { timeoutMs: 3000, everyMs: 2, what: 'What the rounds were to do' });

describe('GridRounds', () => {
  /** Ends the round of that grid that is under way; with an error, where one is given. */
  let ends: Map<string, (error?: Error) => void>;
  let begun: string[];
  const rounds = (): GridRounds =>
    new GridRounds(
      (grid, signal) =>
        new Promise((resolve, reject) => {
          begun.push(grid);
          ends.set(grid, (error) => (error === undefined ? resolve() : reject(error)));
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
      10,
      10,
    );

  beforeEach(() => {
    ends = new Map();
    begun = [];
  });

  it('goes on at one grid while another says nothing, and begins no second round there', async () => {
    const some = rounds();
    await some.turn(['near', 'far']);
    ends.get('near')?.();
    await soon(() => some.troubles.has('near'));
    await some.turn(['near', 'far']);
    assert.deepEqual(begun, ['near', 'far', 'near']);
    await some.end();
  });

  it("keeps a grid's trouble until a round there went well", async () => {
    const some = rounds();
    const down = new Error('down');
    await some.turn(['far']);
    ends.get('far')?.(down);
    await soon(() => some.troubles.get('far') === down);
    await some.turn(['far']);
    assert.equal(some.troubles.get('far'), down);
    ends.get('far')?.();
    await soon(() => some.troubles.get('far') === undefined);
  });

  it('breaks off what is still under way when the cluster ends', async () => {
    const some = rounds();
    await some.turn(['far']);
    await some.end();
    await assert.rejects(Promise.reject(some.troubles.get('far')), { code: 'cluster-closing' });
  });
});
