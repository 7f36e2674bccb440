import assert from 'node:assert/strict';
import { Pace } from '../../../src/keeper/pace.js';

describe('Pace', () => {
  let now = 0;
  let asked: string[] = [];
  let pace = new Pace();

  beforeEach(() => {
    now = 1000;
    asked = [];
    pace = new Pace(() => now);
  });

  const ask = (question: string, failure?: Error) =>
    pace.ask(question, 100, async () => {
      asked.push(question);
      if (failure !== undefined) throw failure;
    });

  it('asks at once, and again only when the time has come', async () => {
    await ask('a');
    now += 99;
    await ask('a');
    await ask('b');
    assert.deepEqual(asked, ['a', 'b']);
    now += 1;
    await ask('a');
    assert.deepEqual(asked, ['a', 'b', 'a']);
  });

  it('goes on to report a failure until it has asked again', async () => {
    const down = new Error('down');
    await assert.rejects(ask('a', down), down);
    now += 50;
    await assert.rejects(ask('a'), down);
    assert.deepEqual(asked, ['a']);
    now += 50;
    await ask('a');
    assert.deepEqual(asked, ['a', 'a']);
  });

  it('asks less and less often what fails, up to eight times its pace, and as before when that is over', async () => {
    const down = new Error('down');
    for (const pause of [100, 200, 400, 800, 800]) {
      await assert.rejects(ask('a', down), down);
      const before = asked.length;
      now += pause - 1;
      await assert.rejects(ask('a', down), down);
      assert.equal(asked.length, before);
      now += 1;
    }
    await ask('a');
    now += 100;
    await ask('a');
    assert.equal(asked.length, 7);
  });

  it('asks at once what it has forgotten, and everything when told to hurry', async () => {
    await ask('a');
    pace.forget('a');
    await ask('a');
    pace.hurry();
    await ask('a');
    assert.deepEqual(asked, ['a', 'a', 'a']);
  });
});
