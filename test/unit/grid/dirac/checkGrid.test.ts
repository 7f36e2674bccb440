import assert from 'node:assert/strict';
import { checkGrid, type GridFinding } from '../../../../src/grid/dirac/checkGrid.js';
import { type GridDescription, gridDescription } from '../../../../src/grid/dirac/gridDescription.js';
import { FakeDirac, packed, Status } from './fakeDirac.js';

const who = { whoami: () => ({ username: 'ada', group: 'gridpp_user' }) };
const wms = (name: string): string => `WorkloadManagement/${name}`;

describe('checking a grid', function () {
  this.timeout(120_000);
  let dirac: FakeDirac;

  before(async () => {
    dirac = await FakeDirac.start();
  });
  after(() => dirac?.stop());

  const all = () => ({
    ...{ [wms('JobManager')]: who, [wms('JobMonitoring')]: who, [wms('SandboxStore')]: who },
    [wms('WMSAdministrator')]: { getSiteMaskStatus: () => ({ 'LCG.A.uk': 'Active', 'LCG.B.uk': 'Banned' }) },
    'Framework/ProxyManager': { getUserProxiesInfo: () => ({ '/CN=ada': { '': { __dCls: 'dt', obj: inDays(30) } } }) },
    'Configuration/Server': { getCompressedData: () => packed('DIRAC { Setups { GridPP { } } }') },
  });
  const inDays = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
  const described = (changes: object = {}): GridDescription =>
    gridDescription.parse({
      spec: {
        ...{ kind: 'dirac', url: dirac.url, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user', sites: ['LCG.A.uk'] },
        ...{ proxy: dirac.proxy, caDirectory: dirac.pki.authorities, ...changes },
      },
      configuration: `${dirac.url}/Configuration/Server`,
    });
  const troubles = async (changes: object = {}): Promise<[string, GridFinding['verdict'], string][]> =>
    (await checkGrid(described(changes)))
      .filter(({ verdict }) => verdict !== 'good')
      .map(({ service, verdict, sentence }) => [service, verdict, sentence]);

  it('finds nothing wrong with a good one', async () => {
    dirac.has(all());
    const found = await checkGrid(described());
    assert.deepEqual(
      found.map(({ service, verdict }) => [service, verdict]),
      ['JobManager', 'JobMonitoring', 'SandboxStore', 'WMSAdministrator', 'ProxyManager', 'Configuration'].map(
        (name) => [name, 'good'],
      ),
    );
  });

  it('says which service is not there, and tries the others', async () => {
    const { [wms('SandboxStore')]: gone, ...rest } = all();
    assert.ok(gone);
    dirac.has({ ...rest, [wms('JobManager')]: { whoami: () => new Status(401) } });
    const [manager, sandbox, ...more] = await troubles();
    assert.deepEqual(more, []);
    assert.match(manager?.[2] ?? '', /refused JobManager.*group gridpp_user may not/);
    assert.match(sandbox?.[2] ?? '', /no service SandboxStore/);
  });

  it('says that the setup is not there, that the proxy is of another group, and that none is stored', async () => {
    dirac.has({ ...all(), 'Framework/ProxyManager': { getUserProxiesInfo: () => ({}) } });
    const found = (await troubles({ setup: 'Nope', group: 'other' })).map((one) => one.join(' '));
    assert.equal(found.length, 5);
    assert.match(found[0] ?? '', /JobManager wrong The proxy .* is of the group gridpp_user.*added for other/);
    assert.match(found[3] ?? '', /ProxyManager wrong .*keeps no proxy of yours/);
    assert.match(found[4] ?? '', /Configuration wrong .*no setup Nope.*it has GridPP/);
  });

  it('says which sites are closed, and that a stored proxy ends too soon, though jobs can go', async () => {
    const soon = { getUserProxiesInfo: () => ({ '/CN=ada': { '': { __dCls: 'dt', obj: inDays(2) } } }) };
    dirac.has({ ...all(), 'Framework/ProxyManager': soon });
    const [mask, proxy] = await troubles({ sites: ['LCG.A.uk', 'LCG.B.uk', 'LCG.C.uk'] });
    assert.deepEqual(mask?.slice(0, 2), ['WMSAdministrator', 'doubtful']);
    assert.match(mask?.[2] ?? '', /LCG\.B\.uk \(Banned\), LCG\.C\.uk \(not in its list\)/);
    assert.deepEqual(proxy?.slice(0, 2), ['ProxyManager', 'doubtful']);
  });

  it('says of one that does not answer that it does not', async () => {
    const found = await troubles({ url: 'https://localhost:1' });
    for (const [service, verdict, sentence] of found.slice(0, 4)) {
      assert.equal(verdict, 'wrong', service);
      assert.match(sentence, /localhost:1 did not answer/);
    }
  });

  it('says of one whose authority is not known that it is not', async () => {
    const found = await troubles({ caDirectory: dirac.pki.path('server') });
    assert.match(found[0]?.[2] ?? '', /authorit/);
  });
});
