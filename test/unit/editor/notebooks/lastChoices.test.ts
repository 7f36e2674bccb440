import assert from 'node:assert/strict';
import { LastChoices } from '../../../../src/editor/notebooks/lastChoices.js';

describe('Last choices', () => {
  /** VS Code's store, which outlives a window. */
  class Store {
    private readonly held = new Map<string, unknown>();
    get<T>(key: string): T | undefined;
    get(key: string): unknown {
      return this.held.get(key);
    }
    async update(key: string, value: unknown): Promise<void> {
      this.held.set(key, JSON.parse(JSON.stringify(value)));
    }
  }

  it('are known to the next window', async () => {
    const store = new Store();
    await new LastChoices(store).set('/n.ipynb', 'ttbar');
    assert.equal(new LastChoices(store).of('/n.ipynb'), 'ttbar');
    assert.equal(new LastChoices(store).of('/other.ipynb'), undefined);
  });

  it('go with a notebook, or its folder, that is renamed', async () => {
    const store = new Store();
    const choices = new LastChoices(store);
    await choices.set('/a/n.ipynb', 'ttbar');
    await choices.rename('/a', '/b');
    assert.equal(new LastChoices(store).of('/b/n.ipynb'), 'ttbar');
    assert.equal(new LastChoices(store).of('/a/n.ipynb'), undefined);
  });

  it('are bounded: the oldest are forgotten', async () => {
    const store = new Store();
    const choices = new LastChoices(store);
    for (let number = 0; number < 250; number++) await choices.set(`/${number}.ipynb`, 'ttbar');
    const next = new LastChoices(store);
    assert.equal(next.of('/0.ipynb'), undefined);
    assert.equal(next.of('/249.ipynb'), 'ttbar');
  });

  it('that cannot be read are none', async () => {
    const store = new Store();
    await store.update('sitespan.notebookClusters', { of: 'another version' });
    assert.equal(new LastChoices(store).of('/n.ipynb'), undefined);
  });
});
