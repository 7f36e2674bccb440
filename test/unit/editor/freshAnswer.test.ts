import assert from 'node:assert/strict';
import { FreshAnswer } from '../../../src/editor/freshAnswer.js';

/** Answers when told to; counts how often it was asked. */
class Answerer {
  asked = 0;
  private readonly waiting: ((answer: string | Error) => void)[] = [];
  readonly ask = (): Promise<string> => {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  };

  async say(answer: string | Error): Promise<void> {
    this.waiting.shift()?.(answer);
    await new Promise(setImmediate);
  }
}

describe('FreshAnswer', () => {
  let answerer: Answerer;
  let goesOn: boolean;
  let heard: number;
  let fresh: FreshAnswer<number | undefined, string>;
  beforeEach(() => {
    answerer = new Answerer();
    goesOn = true;
    heard = 0;
    fresh = new FreshAnswer(answerer.ask, () => {
      heard++;
      return goesOn;
    });
  });

  it('asks once for a state, also for one that is undefined', async () => {
    fresh.refresh(undefined);
    fresh.refresh(undefined);
    await answerer.say('none yet');
    fresh.refresh(undefined);
    assert.deepEqual([answerer.asked, fresh.answer, heard], [1, 'none yet', 1]);
  });

  it('asks again, one call at a time, for the newest state that came meanwhile', async () => {
    for (const state of [1, 2, 3]) fresh.refresh(state);
    assert.equal(answerer.asked, 1);
    await answerer.say('of 1');
    assert.deepEqual([answerer.asked, fresh.answer], [2, 'of 1']);
    await answerer.say('of 3');
    assert.deepEqual([answerer.asked, fresh.answer, heard], [2, 'of 3', 2]);
  });

  it('keeps what was known beside why it is not of now', async () => {
    fresh.refresh(1);
    await answerer.say('known');
    fresh.refresh(2);
    await answerer.say(new Error('gone'));
    assert.equal(fresh.answer, 'known');
    assert.match(fresh.trouble?.message ?? '', /gone/);
    fresh.refresh(3);
    await answerer.say('again');
    assert.deepEqual([fresh.answer, fresh.trouble], ['again', undefined]);
  });

  it('asks nothing more where nobody wants it', async () => {
    goesOn = false;
    fresh.refresh(1);
    fresh.refresh(2);
    await answerer.say('of 1');
    assert.deepEqual([answerer.asked, heard], [1, 1]);
  });
});
