import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/base/events.js';
import { LiveTree } from '../../../../src/editor/trees/liveTree.js';
import type { TreeModel } from '../../../../src/editor/trees/treeModel.js';
import { newScreen, type Screen } from '../../../rigs/window/vscode.mjs';

/** Looks from its making on, as the sites' does. */
class Model implements TreeModel {
  readonly onDidChange = new Emitter((error) => assert.fail(String(error))).event;
  looks = true;
  disposed = false;
  /** Waited for when something is opened. */
  opening: Promise<void> = Promise.resolve();

  children() {
    return [];
  }
  row() {
    return { label: '', icon: { id: 'blank' }, tooltip: [], flags: [], spoken: '', opens: 'no' } as const;
  }
  async opened() {
    await this.opening;
    this.looks = true;
  }
  closed() {
    this.looks = false;
  }
  dispose() {
    this.disposed = true;
  }
}

describe('LiveTree', () => {
  let screen: Screen;
  let model: Model;
  let tree: LiveTree;
  let load: () => void;
  let released = 0;
  beforeEach(() => {
    screen = newScreen();
    model = new Model();
    released = 0;
    const loading = new Promise<void>((resolve) => {
      load = resolve;
    });
    tree = new LiveTree({
      view: 'trees.test',
      load: async (held) => {
        await loading;
        held.add({ dispose: () => released++ });
        return model;
      },
    });
  });
  afterEach(() => tree.dispose());
  const see = (visible: boolean): void => screen.trees.get('trees.test')?.become(visible);

  it('has its model look while it is seen, and not while it is hidden', async () => {
    see(true);
    load();
    await tree.getChildren();
    assert.equal(model.looks, true);
    see(false);
    assert.equal(model.looks, false);
  });

  it('does not look where it was hidden while it was loaded', async () => {
    see(true);
    const children = tree.getChildren();
    see(false);
    load();
    await children;
    assert.equal(model.looks, false);
  });

  it('does not look where it was hidden while rows were opened, and does when it is seen again', async () => {
    see(true);
    load();
    await tree.getChildren();
    let open = (): void => undefined;
    model.opening = new Promise((resolve) => {
      open = resolve;
    });
    const children = tree.getChildren();
    see(false);
    open();
    await children;
    assert.equal(model.looks, false);
    const told: unknown[] = [];
    tree.onDidChangeTreeData((what) => told.push(what));
    see(true);
    assert.deepEqual(told, [undefined]);
    await tree.getChildren();
    assert.equal(model.looks, true);
  });

  it('lets its model and what was loaded with it go, also where that comes after its end', async () => {
    const children = tree.getChildren();
    tree.dispose();
    load();
    await children;
    assert.deepEqual([model.disposed, released], [true, 1]);
  });
});
