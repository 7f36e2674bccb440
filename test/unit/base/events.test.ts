import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/events.js';

describe('Emitter', () => {
  const silent = (): void => assert.fail('a listener failed');

  it('tells every listener until it has gone', () => {
    const emitter = new Emitter(silent);
    const heard: string[] = [];
    const first = emitter.event(() => heard.push('first'));
    emitter.event(() => heard.push('second'));
    emitter.fire();
    first.dispose();
    emitter.fire();
    assert.deepEqual(heard, ['first', 'second', 'second']);
  });

  it('keeps two subscriptions of one function apart', () => {
    const emitter = new Emitter(silent);
    let times = 0;
    const count = (): void => {
      times++;
    };
    emitter.event(count).dispose();
    emitter.event(count);
    emitter.event(count);
    emitter.fire();
    assert.equal(times, 2);
  });

  it('goes on after a listener that throws, and says that it did', () => {
    const failures: unknown[] = [];
    const emitter = new Emitter((error) => failures.push(error));
    const failure = new Error('listener');
    let heard = false;
    emitter.event(() => {
      throw failure;
    });
    emitter.event(() => {
      heard = true;
    });
    emitter.fire();
    assert.equal(heard, true);
    assert.deepEqual(failures, [failure]);
  });

  it('tells nobody after its end', () => {
    const emitter = new Emitter(silent);
    emitter.event(() => assert.fail('heard'));
    emitter.dispose();
    emitter.fire();
  });
});
