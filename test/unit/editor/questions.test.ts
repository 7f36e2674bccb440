import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { type Answer, askOne, askText, type Check } from '../../../src/editor/questions.js';
import { newScreen, type Screen } from '../../rigs/window/vscode.mjs';

describe('An answer that is looked into before it is taken', () => {
  let screen: Screen;
  let signals: AbortSignal[];
  beforeEach(() => {
    screen = newScreen();
    signals = [];
  });

  /** Does what `look` does with each answer; left answers are taken one after another. */
  const ask = (look: (text: string) => Promise<unknown>, ...answers: unknown[]): Promise<Answer<string>> => {
    const left = [...answers];
    screen.answer = () => left.shift();
    const check: Check<string> = {
      saying: (text) => `Asking ${text}…`,
      look: (text, signal) => {
        signals.push(signal);
        return look(text);
      },
    };
    return askText({ title: 'Add', placeholder: 'Where?', value: '', refuse: () => undefined, check });
  };
  const never = (): Promise<never> => new Promise(() => undefined);
  /** Ends by itself at the second time. */
  const once = (): ((text: string) => Promise<unknown>) => {
    let times = 0;
    return () => (times++ === 0 ? never() : Promise.resolve());
  };

  it('is taken when it does', async () => {
    assert.deepEqual(await ask(async () => undefined, 'there'), { value: 'there' });
  });

  it('stays with why it does not do, in words of a window, and what was typed', async () => {
    const refused = new SitespanError('no', 'Nobody is there; see "sitespan list".');
    let times = 0;
    const look = async (): Promise<void> => {
      if (times++ === 0) throw refused;
    };
    assert.deepEqual(await ask(look, 'there', 'accept'), { value: 'there' });
    assert.deepEqual(
      [screen.asked[1]?.value, screen.asked[1]?.problem],
      ['there', 'Nobody is there; see the view "Clusters".'],
    );
  });

  it('can be stopped, and the question stays', async () => {
    screen.interruption = 'stop';
    assert.deepEqual(await ask(once(), 'there', 'accept'), { value: 'there' });
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true],
    );
    assert.equal(screen.asked[1]?.value, 'there');
  });

  it('is not looked into any more when another is typed', async () => {
    screen.interruption = 'elsewhere';
    assert.deepEqual(await ask(once(), 'there', 'accept'), { value: 'elsewhere' });
    assert.equal(signals[0]?.aborted, true);
  });

  it('comes to nothing where the question is left meanwhile', async () => {
    screen.interruption = 'leave';
    assert.equal(await ask(never, 'there'), undefined);
    assert.equal(signals[0]?.aborted, true);
  });

  it('ends the question where something else has to be done first, or is broken', async () => {
    const remedy = { command: 'make', label: 'Make' };
    const fail = (error: Error) => async (): Promise<never> => {
      throw error;
    };
    await assert.rejects(ask(fail(new SitespanError('first', 'Make one.', { remedy })), 'there'), { code: 'first' });
    await assert.rejects(ask(fail(new TypeError('a fault')), 'there'), { name: 'TypeError' });
  });

  it('of a list says why a row cannot be taken, and the row can be taken again', async () => {
    let times = 0;
    const look = async (): Promise<void> => {
      if (times++ === 0) throw new SitespanError('no', 'It is away.');
    };
    screen.answer = () => 'accept';
    const question = { title: 'New', placeholder: 'Which?', check: { saying: () => 'Asking…', look } };
    assert.deepEqual(await askOne(question, [{ label: 'a', value: 1 }]), { value: 1 });
    assert.deepEqual(
      screen.asked.map(({ placeholder }) => placeholder),
      ['Which?', 'It is away.'],
    );
  });
});
