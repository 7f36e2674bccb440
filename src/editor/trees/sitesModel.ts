import { DisposableStore } from '../../base/disposable.js';
import { Emitter, type Event } from '../../base/events.js';
import type { SiteSnapshot } from '../../keeper/api.js';
import type { Fleet } from '../fleet.js';
import type { ClusterLink } from '../fleetSource.js';
import { SiteBoard } from '../siteBoard.js';
import { aboutCluster, ofError, troubleOfGrid, troublesOfSite } from '../troubles.js';
import type { NodeOf, TreeNode } from './nodes.js';
import { type Row, troubleNode, troubleRow } from './row.js';
import { gridRow, shareRow, siteRow } from './siteRows.js';
import type { TreeModel } from './treeModel.js';

/** Grids → sites → what each cluster has there. A site that several clusters use is one row. */
export class SitesModel<Link extends ClusterLink> implements TreeModel {
  readonly onDidChange: Event;
  private readonly held = new DisposableStore();
  private readonly board: SiteBoard<Link>;

  constructor(fleet: Fleet<Link>, onError: (error: unknown) => void) {
    const changed = this.held.add(new Emitter(onError));
    this.onDidChange = changed.event;
    this.board = this.held.add(new SiteBoard(fleet, onError));
    this.held.add(this.board.onDidChange(() => changed.fire()));
    this.held.add(fleet.onDidChange(() => changed.fire()));
    this.board.look();
  }

  children(node?: TreeNode): readonly TreeNode[] {
    switch (node?.kind) {
      case undefined:
        return [...this.troubles(), ...this.grids().map((grid): TreeNode => ({ kind: 'grid', grid }))];
      case 'grid':
        return this.ofGrid(node);
      case 'site':
        return this.ofSite(node);
      default:
        return [];
    }
  }

  row(node: TreeNode): Row {
    switch (node.kind) {
      case 'grid':
        return gridRow(node.grid, this.sitesOf(node.grid));
      case 'site':
        return siteRow(node.site, this.at(node));
      case 'share':
        return shareRow(
          node.cluster,
          this.at(node).filter(({ cluster }) => cluster === node.cluster),
        );
      case 'trouble':
        return troubleRow(node);
      default:
        return { label: '', icon: { id: 'blank' }, tooltip: [], flags: [], spoken: '', opens: 'no' };
    }
  }

  async opened(): Promise<void> {
    this.board.look();
  }

  closed(node?: TreeNode): void {
    if (node === undefined) this.board.lookAway();
  }

  dispose(): void {
    this.held.dispose();
  }

  private troubles(): TreeNode[] {
    return this.board.known.flatMap(({ cluster, trouble }) =>
      trouble === undefined ? [] : [troubleNode(cluster, ofError(trouble, aboutCluster(cluster)))],
    );
  }

  private grids(): string[] {
    return [...new Set(this.board.known.flatMap(({ grids }) => grids.map(({ grid }) => grid)))].sort();
  }

  private sitesOf(grid: string): readonly SiteOfCluster[] {
    return this.board.known.flatMap(({ cluster, grids }) =>
      grids.filter((one) => one.grid === grid).flatMap(({ sites }) => sites.map((site) => ({ ...site, cluster }))),
    );
  }

  private at({ grid, site }: InSite): readonly SiteOfCluster[] {
    return this.sitesOf(grid).filter(({ name }) => name === site);
  }

  private ofGrid({ grid }: NodeOf<'grid'>): TreeNode[] {
    const troubles = this.board.known.flatMap(({ cluster, grids }) =>
      grids
        .filter((one) => one.grid === grid)
        .flatMap((one) => troubleOfGrid(one).map((each) => troubleNode(cluster, each))),
    );
    const names = [...new Set(this.sitesOf(grid).map(({ name }) => name))].sort();
    return [...troubles, ...names.map((site): TreeNode => ({ kind: 'site', grid, site }))];
  }

  private ofSite({ grid, site }: NodeOf<'site'>): TreeNode[] {
    const here = this.at({ grid, site });
    const said = here.flatMap((one) => troublesOfSite(grid, one));
    const once = said.filter(({ sentence }, index) => said.findIndex((other) => other.sentence === sentence) === index);
    return [
      ...once.map((trouble) => troubleNode(`${grid} ${site}`, trouble)),
      ...here.map(({ cluster }): TreeNode => ({ kind: 'share', grid, site, cluster })),
    ];
  }
}

interface InSite {
  readonly grid: string;
  readonly site: string;
}

export type SiteOfCluster = SiteSnapshot & { readonly cluster: string };
