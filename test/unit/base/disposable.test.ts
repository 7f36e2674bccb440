import assert from 'node:assert/strict';
import { DisposableStore, disposable } from '../../../src/base/disposable.js';

describe('DisposableStore', () => {
  it('lets everything go, last come first', () => {
    const gone: number[] = [];
    const store = new DisposableStore();
    for (const n of [1, 2, 3]) store.add(disposable(() => gone.push(n)));
    store.dispose();
    store.dispose();
    assert.deepEqual(gone, [3, 2, 1]);
  });

  it('lets go at once what comes after its end', () => {
    const store = new DisposableStore();
    store.dispose();
    let gone = false;
    store.add(
      disposable(() => {
        gone = true;
      }),
    );
    assert.equal(gone, true);
  });

  it('lets the others go when one cannot be, and says so', () => {
    let gone = false;
    const store = new DisposableStore();
    store.add(
      disposable(() => {
        gone = true;
      }),
    );
    store.add({
      dispose: () => {
        throw new Error('stuck');
      },
    });
    assert.throws(() => store.dispose(), AggregateError);
    assert.equal(gone, true);
  });

  it('lets one go early, once', () => {
    let times = 0;
    const item = disposable(() => {
      times++;
    });
    const store = new DisposableStore();
    store.add(item);
    store.release(item);
    store.dispose();
    assert.equal(times, 1);
  });
});
