import { DisposableStore } from '../../base/disposable.js';
import { Emitter, type Event } from '../../base/events.js';
import type { SiteSnapshot } from '../../keeper/api.js';
import type { GridSite } from '../../owner/gridSites.js';
import type { Fleet } from '../fleet.js';
import type { ClusterLink } from '../fleetSource.js';
import type { AddedGrid, GridBoard } from '../gridBoard.js';
import { troublesOfProxies } from '../proxy/proxyTroubles.js';
import type { ProxyWatch } from '../proxy/proxyWatch.js';
import { SiteBoard } from '../siteBoard.js';
import { aboutCluster, ofError, troubleOfGrid, troublesOfSite } from '../troubles.js';
import type { NodeOf, TreeNode } from './nodes.js';
import { type Row, troubleNode, troubleRow } from './row.js';
import { gridRow, shareRow, siteRow, snapshotOf } from './siteRows.js';
import type { TreeModel } from './treeModel.js';

type ProxiesOfGrids = Pick<ProxyWatch, 'ofGrid' | 'now' | 'onDidChange'>;

/**
 * Grids → sites → what each cluster has there. A site that several clusters use is one row; a grid that was added is there
 * also where no cluster uses it, and tells of its sites itself.
 */
export class SitesModel<Link extends ClusterLink> implements TreeModel {
  readonly onDidChange: Event;
  private readonly held = new DisposableStore();
  private readonly board: SiteBoard<Link>;

  constructor(
    fleet: Fleet<Link>,
    private readonly added: GridBoard,
    private readonly proxies: ProxiesOfGrids,
    onError: (error: unknown) => void,
  ) {
    const changed = this.held.add(new Emitter(onError));
    this.onDidChange = changed.event;
    this.board = this.held.add(new SiteBoard(fleet, onError));
    this.held.add(this.board.onDidChange(() => changed.fire()));
    this.held.add(added.onDidChange(() => changed.fire()));
    this.held.add(proxies.onDidChange(() => changed.fire()));
    this.held.add(fleet.onDidChange(() => changed.fire()));
    this.look();
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
      case 'grid': {
        const [names, sites] = [this.namesOf(node.grid), this.sitesOf(node.grid)];
        return gridRow(node.grid, names, sites, this.addedOf(node.grid) !== undefined);
      }
      case 'site':
        return siteRow(node.site, this.at(node), this.toldOf(node));
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
    this.look();
  }

  closed(node?: TreeNode): void {
    if (node !== undefined) return;
    this.board.lookAway();
    this.added.lookAway();
  }

  dispose(): void {
    this.added.lookAway();
    this.held.dispose();
  }

  private look(): void {
    this.board.look();
    this.added.look((grid) => this.sitesOf(grid).length > 0);
  }

  private troubles(): TreeNode[] {
    const { trouble } = this.added;
    return [
      ...(trouble === undefined ? [] : [troubleNode('grids', ofError(trouble, []))]),
      ...this.board.known.flatMap((one) =>
        one.trouble === undefined ? [] : [troubleNode(one.cluster, ofError(one.trouble, aboutCluster(one.cluster)))],
      ),
    ];
  }

  private grids(): string[] {
    const used = this.board.known.flatMap(({ grids }) => grids.map(({ grid }) => grid));
    return [...new Set([...used, ...this.added.known.map(({ name }) => name)])].sort();
  }

  private sitesOf(grid: string): readonly SiteOfCluster[] {
    return this.board.known.flatMap(({ cluster, grids }) =>
      grids.filter((one) => one.grid === grid).flatMap(({ sites }) => sites.map((site) => ({ ...site, cluster }))),
    );
  }

  private at({ grid, site }: InSite): readonly SiteOfCluster[] {
    return this.sitesOf(grid).filter(({ name }) => name === site);
  }

  private addedOf(grid: string): AddedGrid | undefined {
    return this.added.known.find(({ name }) => name === grid);
  }

  private toldOf({ grid, site }: InSite): GridSite | undefined {
    return this.addedOf(grid)?.sites.find(({ name }) => name === site);
  }

  private namesOf(grid: string): string[] {
    const told = this.addedOf(grid)?.sites ?? [];
    return [...new Set([...this.sitesOf(grid), ...told].map(({ name }) => name))].sort();
  }

  private ofGrid({ grid }: NodeOf<'grid'>): TreeNode[] {
    const ofClusters = this.board.known.flatMap(({ cluster, grids }) =>
      grids
        .filter((one) => one.grid === grid)
        .flatMap((one) => troubleOfGrid(one).map((trouble) => ({ of: cluster, trouble }))),
    );
    const own = this.addedOf(grid)?.trouble;
    const proxies = this.proxies.ofGrid(grid);
    // A keeper that tells of the grid knows it newer; and of its proxy the file does, which is watched.
    const told = own === undefined || this.sitesOf(grid).length > 0 ? [] : [ofError(own, [])];
    const newest = told.filter(({ state }) => proxies.length === 0 || state?.startsWith('proxy-') !== true);
    const said = [...ofClusters, ...newest.map((trouble) => ({ of: grid, trouble }))];
    const ofProxies = troublesOfProxies(proxies, this.proxies.now)
      .filter(({ state }) => !said.some(({ trouble }) => trouble.state === state))
      .map((trouble) => ({ of: `${grid} proxy`, trouble }));
    return [
      ...[...said, ...ofProxies].map(({ of, trouble }) => troubleNode(of, trouble)),
      ...this.namesOf(grid).map((site): TreeNode => ({ kind: 'site', grid, site })),
    ];
  }

  private ofSite({ grid, site }: NodeOf<'site'>): TreeNode[] {
    const here = this.at({ grid, site });
    const told = this.toldOf({ grid, site });
    const known = here.length === 0 && told !== undefined ? [snapshotOf(told)] : here;
    const said = known.flatMap((one) => troublesOfSite(grid, one));
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
