import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/base/events.js';
import type { TreeNode } from '../../../../src/editor/trees/nodes.js';
import { contextOf, type Row } from '../../../../src/editor/trees/row.js';
import { ShownRows } from '../../../../src/editor/trees/shownRows.js';
import type { TreeModel } from '../../../../src/editor/trees/treeModel.js';

const cluster = (name: string): TreeNode => ({ kind: 'cluster', cluster: name });
const pool = (name: string): TreeNode => ({ kind: 'pool', cluster: 'ttbar', pool: name });

/** Clusters by name with their descriptions; only `ttbar` has pools. */
class Model implements TreeModel {
  readonly onDidChange = new Emitter(() => undefined).event;
  clusters: Record<string, string> = { ttbar: '1/2', wjets: '4/4' };
  pools: Record<string, string> = { main: '1/2', gpu: '0/0' };
  children(node?: TreeNode): TreeNode[] {
    if (node === undefined) return Object.keys(this.clusters).map(cluster);
    return node.kind === 'cluster' && node.cluster === 'ttbar' ? Object.keys(this.pools).map(pool) : [];
  }
  row(node: TreeNode): Row {
    const description =
      node.kind === 'pool' ? this.pools[node.pool] : node.kind === 'cluster' && this.clusters[node.cluster];
    return {
      label: '',
      description: description || '',
      icon: { id: '' },
      tooltip: [],
      flags: [],
      spoken: '',
      opens: 'no',
    };
  }
  async opened(): Promise<void> {}
  closed(): void {}
  dispose(): void {}
}

describe('ShownRows', () => {
  let model: Model;
  let shown: ShownRows;
  beforeEach(() => {
    model = new Model();
    shown = new ShownRows(model);
  });
  /** As VS Code does for what is open. */
  function show(node?: TreeNode): void {
    for (const child of shown.children(node)) {
      shown.row(child);
      if (child.kind === 'cluster') show(child);
    }
  }

  it('tells of nothing before anything was shown, and of nothing that is as it was', () => {
    assert.deepEqual(shown.changed(), []);
    show();
    assert.deepEqual(shown.changed(), []);
  });

  it('tells of the row that changed, and of no other', () => {
    show();
    model.pools = { ...model.pools, main: '2/2' };
    assert.deepEqual(shown.changed(), [pool('main')]);
  });

  it('tells of the highest of those that changed: what is below is drawn with it', () => {
    show();
    model.pools = { ...model.pools, main: '2/2' };
    model.clusters = { ...model.clusters, ttbar: '2/2' };
    assert.deepEqual(shown.changed(), [cluster('ttbar')]);
  });

  it('tells of a row that got other rows under it, unless nobody has opened it', () => {
    shown.children();
    for (const node of shown.children()) shown.row(node);
    model.pools = { main: '1/2' };
    assert.deepEqual(shown.changed(), []);
    show();
    model.pools = { main: '1/2', more: '0/1' };
    assert.deepEqual(shown.changed(), [cluster('ttbar')]);
  });

  it('tells of all where the roots are others', () => {
    show();
    model.clusters = { ttbar: '1/2' };
    assert.equal(shown.changed(), 'all');
  });

  it('gives the same object for the same row each time', () => {
    assert.equal(shown.children()[0], shown.children()[0]);
  });

  it('has flags in one order, each between semicolons', () => {
    assert.equal(contextOf(['scalable', 'pool']), ';pool;scalable;');
  });
});
