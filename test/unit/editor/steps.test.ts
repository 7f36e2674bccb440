import assert from 'node:assert/strict';
import type { Place } from '../../../src/editor/questions.js';
import { askSteps, type Step } from '../../../src/editor/steps.js';

interface Wish {
  readonly said: string;
}

describe('askSteps', () => {
  /** Steps a, b, c that add their letter, or go back or leave where the script says so. */
  function asking(
    script: readonly ('next' | 'back' | 'leave')[],
    skipped = '',
  ): { steps: Step<Wish>[]; places: Place[] } {
    const places: Place[] = [];
    const answers = [...script];
    const steps = ['a', 'b', 'c'].map((letter) => ({
      skip: () => skipped === letter,
      ask: async ({ said }: Wish, place: Place) => {
        places.push(place);
        const answer = answers.shift();
        if (answer === 'leave') return undefined;
        return answer === 'back' ? ('back' as const) : { value: { said: `${said}${letter}` } };
      },
    }));
    return { steps, places };
  }

  it('asks one after the other and numbers them', async () => {
    const { steps, places } = asking(['next', 'next', 'next']);
    assert.deepEqual(await askSteps({ said: '' }, steps), { said: 'abc' });
    assert.deepEqual(
      places.map(({ step, of, canGoBack }) => [step, of, canGoBack]),
      [
        [1, 3, false],
        [2, 3, true],
        [3, 3, true],
      ],
    );
  });

  it('goes back to the one that was asked before, with what was answered', async () => {
    const { steps } = asking(['next', 'back', 'next', 'next', 'next']);
    assert.deepEqual(await askSteps({ said: '' }, steps), { said: 'aabc' });
  });

  it('leaves out what there is nothing to ask about, also on the way back', async () => {
    const { steps, places } = asking(['next', 'back', 'next', 'next'], 'b');
    assert.deepEqual(await askSteps({ said: '' }, steps), { said: 'aac' });
    assert.deepEqual(
      places.map(({ step, of }) => [step, of]),
      [
        [1, 2],
        [2, 2],
        [1, 2],
        [2, 2],
      ],
    );
  });

  it('comes to nothing when any of them is left', async () => {
    const { steps } = asking(['next', 'leave']);
    assert.equal(await askSteps({ said: '' }, steps), undefined);
  });
});
