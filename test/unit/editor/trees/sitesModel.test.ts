import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import { until } from '../../../../src/base/waiting.js';
import { GridBoard, type GridSource } from '../../../../src/editor/gridBoard.js';
import type { TreeNode } from '../../../../src/editor/trees/nodes.js';
import { SitesModel } from '../../../../src/editor/trees/sitesModel.js';
import { calls, type GridSnapshot, type SiteSnapshot } from '../../../../src/keeper/api.js';
import type { GridSite } from '../../../../src/owner/gridSites.js';
import { describedGrid } from '../describedGrid.js';
import { type FakeLink, fakeFleet } from '../fakeFleet.js';
import { KnownProxies, proxyWith } from '../proxy/knownProxies.js';

function site(name: string, changes: Partial<SiteSnapshot> = {}): SiteSnapshot {
  return { name, slots: 4, banned: false, waiting: 1, running: 3, workers: 2, ...changes };
}
const local = (...sites: SiteSnapshot[]): GridSnapshot => ({ grid: 'local', sites });
const north: TreeNode = { kind: 'site', grid: 'local', site: 'north' };

describe('SitesModel', () => {
  const made = fakeFleet();
  let model: SitesModel<FakeLink> | undefined;
  let added: GridBoard;
  let proxies: KnownProxies;
  let source: GridSource;
  const throwIt = (error: unknown): never => assert.fail(String(error));
  beforeEach(() => {
    proxies = new KnownProxies();
    source = { read: async () => ({}), sites: async () => [] };
    added = new GridBoard({ read: () => source.read(), sites: (...of) => source.sites(...of) }, throwIt);
  });
  afterEach(() => {
    model?.dispose();
    added.dispose();
  });
  async function shown(clusters: Readonly<Record<string, GridSnapshot[] | Error>>): Promise<SitesModel<FakeLink>> {
    const { fleet, source } = made();
    for (const [name, grids] of Object.entries(clusters)) {
      const link = source.add(name);
      link.become({ name });
      link.answers.set(calls.listSites.path, grids);
    }
    await fleet.look();
    const sites = new SitesModel(fleet, added, proxies, throwIt);
    model = sites;
    await until(() => sites.children().length > 0, { timeoutMs: 5000, everyMs: 5, what: 'The grids' });
    return sites;
  }

  it('says of a grid that its proxy ends, with what renews it, unless its keeper says so', async () => {
    const grid: TreeNode = { kind: 'grid', grid: 'gridpp' };
    const trouble = { code: 'proxy-expired', message: 'DIRAC says that it has.' };
    const sites = await shown({ ttbar: [{ grid: 'gridpp', sites: [site('LCG.A.uk')] }] });
    const said = () => sites.children(grid).flatMap((node) => (node.kind === 'trouble' ? [node] : []));
    assert.deepEqual(said(), []);
    proxies.become(proxyWith({}, { minutes: 60 }), proxyWith({ path: '/tmp/na62', grids: ['na62'] }, { minutes: 1 }));
    assert.match(said()[0]?.message ?? '', /^The proxy \/tmp\/x509up_u7 ends at /);
    assert.deepEqual([said().length, said()[0]?.remedy?.label], [1, 'Renew Proxy']);
    proxies.become(proxyWith({}, { minutes: -1 }));
    assert.equal(said()[0]?.tone, 'error');
    const link = made().source.links.get('ttbar');
    link?.answers.set(calls.listSites.path, [{ grid: 'gridpp', sites: [site('LCG.A.uk')], trouble }]);
    link?.become({});
    await until(() => said()[0]?.message === trouble.message, { timeoutMs: 5000, everyMs: 5, what: 'Its own words' });
    assert.equal(said().length, 1);
  });

  it('has grids, their sites, and what each cluster has there', async () => {
    const sites = await shown({ ttbar: [local(site('north'), site('south'))], wjets: [local(site('north'))] });
    await until(() => sites.children(north).length === 2, { timeoutMs: 5000, everyMs: 5, what: 'Both clusters' });
    assert.deepEqual(sites.children(), [{ kind: 'grid', grid: 'local' }]);
    assert.deepEqual(sites.children({ kind: 'grid', grid: 'local' }), [
      north,
      { kind: 'site', grid: 'local', site: 'south' },
    ]);
    const row = sites.row(north);
    assert.deepEqual(row.description, '4 slots · 4 workers, 2 starting or leaving, 2 waiting');
    assert.deepEqual(row.flags, ['site', 'probeable', 'scalable']);
    const shares = sites.children(north).map((node) => [sites.row(node).label, sites.row(node).description]);
    assert.deepEqual(shares, [
      ['ttbar', '2 workers, 1 starting or leaving, 1 waiting'],
      ['wjets', '2 workers, 1 starting or leaving, 1 waiting'],
    ]);
  });

  it('warns of a site that is banned or unfit, once, though several clusters know it', async () => {
    const verdict = { ok: false, sentence: 'north has no python3 on node7.', at: 5, facts: { host: 'node7' } };
    const bad = local(site('north', { banned: true, gridWords: 'Banned', verdict }));
    const sites = await shown({ ttbar: [bad], wjets: [bad] });
    await until(() => sites.children(north).length === 4, { timeoutMs: 5000, everyMs: 5, what: 'Both clusters' });
    const row = sites.row(north);
    assert.match(row.description ?? '', /banned · probed: unfit$/);
    assert.equal(row.icon.id, 'warning');
    assert.deepEqual(
      sites
        .children(north)
        .filter(({ kind }) => kind === 'trouble')
        .map((node) => sites.row(node).label),
      ['The grid sends no jobs to north now (Banned).', 'north has no python3 on node7.'],
    );
  });

  it('says that a site was found fit, and what was seen', async () => {
    const verdict = { ok: true, sentence: 'north can run workers.', at: 0, facts: { python: '3.11.7' } };
    const sites = await shown({ ttbar: [local(site('north', { verdict }))] });
    const { description, tooltip } = sites.row(north);
    assert.match(description ?? '', /probed: fit$/);
    assert.deepEqual(tooltip.slice(-3), [['Probed', '1970-01-01 00:00:00'], verdict.sentence, ['python', '3.11.7']]);
  });

  it("shows a grid's trouble over its sites, and a keeper that is too old to tell of any", async () => {
    const trouble = { code: 'grid-unreachable', message: 'dirac does not answer.' };
    const old = new SitespanError('call-unknown', 'It is older.');
    const sites = await shown({ ttbar: [{ grid: 'dirac', sites: [site('A')], trouble }], old });
    await until(() => sites.children().length === 2, { timeoutMs: 5000, everyMs: 5, what: 'Both' });
    const [first, second] = sites.children();
    assert.ok(first && second);
    assert.deepEqual([sites.row(first).label, second], ['It is older.', { kind: 'grid', grid: 'dirac' }]);
    const [said] = sites.children(second);
    assert.ok(said);
    assert.equal(sites.row(said).label, 'dirac does not answer.');
  });

  it('asks nothing while nobody looks', async () => {
    const sites = await shown({ ttbar: [local(site('north'))] });
    const link = made().source.links.get('ttbar');
    assert.ok(link);
    sites.closed();
    const asked = link.asked.length;
    link.become({});
    link.become({});
    await sites.opened();
    await until(() => link.asked.length > asked, { timeoutMs: 5000, everyMs: 5, what: 'The question' });
    assert.equal(link.asked.length, asked + 1);
  });

  describe('of a grid that was added', () => {
    const uk: TreeNode = { kind: 'site', grid: 'gridpp', site: 'LCG.A.uk' };
    const told: GridSite = { name: 'LCG.A.uk', word: 'Active', jobs: { waiting: 12, running: 3 }, workers: 0 };
    beforeEach(() => {
      source = {
        read: async () => ({ gridpp: describedGrid('LCG.A.uk', 'LCG.B.uk') }),
        sites: async () => [told, { name: 'LCG.B.uk', word: 'Banned', workers: 0 }],
      };
    });

    it('tells what the grid does, where no cluster uses it', async () => {
      const sites = await shown({});
      await until(() => sites.row(uk).description !== '', { timeoutMs: 5000, everyMs: 5, what: 'The answer' });
      const grid = sites.row({ kind: 'grid', grid: 'gridpp' });
      assert.deepEqual([grid.description, grid.flags], ['2 sites', ['grid', 'probeable', 'added']]);
      assert.equal(sites.row(uk).description, '3 running, 12 waiting of all users');
      const banned: TreeNode = { kind: 'site', grid: 'gridpp', site: 'LCG.B.uk' };
      assert.equal(sites.row(banned).description, 'banned');
      const [said] = sites.children(banned);
      assert.ok(said);
      assert.equal(sites.row(said).label, 'The grid sends no jobs to LCG.B.uk now (Banned).');
    });

    it("has the last probe's verdict, also of a cluster that has ended", async () => {
      const verdict = { ok: false, sentence: 'LCG.A.uk cannot run workers: no python3.', at: 5, facts: {} };
      source.sites = async () => [{ ...told, verdict }];
      const sites = await shown({});
      await until(() => /^probed: unfit/.test(sites.row(uk).description ?? ''), {
        timeoutMs: 5000,
        everyMs: 5,
        what: 'It',
      });
      const [said] = sites.children(uk);
      assert.ok(said);
      assert.equal(sites.row(said).label, verdict.sentence);
    });

    it('tells what a cluster knows of it where there is one, and the grid is not asked', async () => {
      const asked: string[] = [];
      const sites = await shown({ ttbar: [{ grid: 'gridpp', sites: [site('LCG.A.uk')] }] });
      source.sites = async (name) => {
        asked.push(name);
        return [];
      };
      await until(() => /2 workers/.test(sites.row(uk).description ?? ''), { timeoutMs: 5000, everyMs: 5, what: 'It' });
      await added.refresh();
      assert.deepEqual(asked, []);
      assert.deepEqual(
        sites.children({ kind: 'grid', grid: 'gridpp' }).map((node) => sites.row(node).label),
        ['LCG.A.uk', 'LCG.B.uk'],
      );
    });

    it('says why it does not answer, with what helps', async () => {
      source.sites = async () => {
        throw new SitespanError('proxy-missing', 'There is no proxy.');
      };
      const sites = await shown({});
      const grid: TreeNode = { kind: 'grid', grid: 'gridpp' };
      await until(() => sites.children(grid).length === 3, { timeoutMs: 5000, everyMs: 5, what: 'The trouble' });
      const [said] = sites.children(grid);
      assert.ok(said);
      assert.equal(sites.row(said).action?.label, 'Initialise Proxy');
      // The file is watched, and the grid is asked once a minute.
      proxies.become(proxyWith());
      assert.equal(sites.children(grid).length, 2);
    });
  });
});
