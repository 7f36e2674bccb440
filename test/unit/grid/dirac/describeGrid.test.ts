import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeGrid, type GridClues } from '../../../../src/grid/dirac/describeGrid.js';
import type { GridDescription } from '../../../../src/grid/dirac/gridDescription.js';
import { type Answer, FakeDirac, packed, Status } from './fakeDirac.js';

const ada = { username: 'ada', group: 'gridpp_user', secondsLeft: 3000 };
const who = { whoami: () => ada };
const mask = { 'LCG.A.uk': 'Active', 'LCG.B.uk': 'Banned' };
const wms = (name: string): string => `WorkloadManagement/${name}`;

describe('describing a grid', function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  let folder: string;

  before(async () => {
    dirac = await FakeDirac.start();
    folder = await mkdtemp(join(tmpdir(), 'sitespan-describe-'));
  });
  after(async () => {
    dirac?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const asks = (clues: Partial<GridClues>) =>
    describeGrid({ proxy: dirac.proxy, caDirectory: dirac.pki.authorities, ...clues });
  const whole = async (clues: Partial<GridClues>): Promise<GridDescription> => {
    const { description, questions } = await asks(clues);
    assert.deepEqual(questions, []);
    assert.ok(description);
    return description;
  };
  const plain = (): Record<string, Record<string, Answer>> => ({
    [wms('JobManager')]: who,
    [wms('JobMonitoring')]: { ...who, getSiteSummary: () => ({ 'LCG.Z.uk': { Waiting: 1 }, Total: {} }) },
    [wms('SandboxStore')]: who,
    [wms('WMSAdministrator')]: { ...who, getSiteMaskStatus: () => mask },
  });
  /** With a configuration server; its services are where `urls` says. */
  const configured = (setups: readonly string[], more = '') => {
    const urls = ['JobManager', 'JobMonitoring', 'SandboxStore', 'WMSAdministrator']
      .map((name) => `${name} = ${dirac.url}/${wms(name)}`)
      .join('\n');
    const text = `
      DIRAC { Setups {
        ${setups.map((name) => `${name} {\nWorkloadManagement = Prod\nFramework = Prod\n}`).join('\n')}
      } }
      Systems { WorkloadManagement { Prod { URLs {\n${urls}\n${more}\n} } }
                Framework { Prod { URLs {\nProxyManager = ${dirac.url}/Framework/Tornado\n} } } }
      Registry { Groups { gridpp_user {\nVO = gridpp\nUsers = ada, bob\n} lsst_user {\nVO = lsst\n} } }
      Resources { Sites { LCG {
        LCG.A.uk { CEs { a { Queues { q {\nVO = gridpp\n} } } } }
        LCG.B.uk { CEs { b { Queues { q {\nVO = gridpp\n} } } } }
        LCG.C.uk { CEs { c { Queues { q {\nVO = lsst\n} } } } } } } }`;
    return { 'Configuration/Server': { getCompressedData: () => packed(text) } };
  };

  it('needs its configuration server only', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP']) });
    assert.deepEqual(await whole({ configuration: dirac.url }), {
      spec: {
        ...{ kind: 'dirac', url: dirac.url, services: {}, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user' },
        ...{ sites: ['LCG.A.uk', 'LCG.B.uk'], proxy: dirac.proxy, caDirectory: dirac.pki.authorities, pollSeconds: 10 },
      },
      configuration: `${dirac.url}/Configuration/Server`,
      proxyManager: `${dirac.url}/Framework/Tornado`,
    });
  });

  it('finds the configuration server beside the services, or in a dirac.cfg', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP', 'Other']) });
    const cfg = join(folder, 'dirac.cfg');
    await writeFile(
      cfg,
      `DIRAC\n{\n  Setup = Other\n  Configuration\n  {\n    Servers = dips://x:9135, ${dirac.url}\n  }\n}`,
    );
    assert.equal((await whole({ cfg })).spec.setup, 'Other');
    assert.equal((await whole({ url: dirac.url, setup: 'GridPP' })).configuration, `${dirac.url}/Configuration/Server`);
  });

  it('takes services where the configuration has them', async () => {
    const { [wms('JobManager')]: manager = {}, ...rest } = plain();
    dirac.has({ ...rest, [wms('TornadoJobManager')]: manager, ...configured(['GridPP'], '') });
    const tornado = `JobManager = dips://x:9132/${wms('JobManager')}\nJobManager += ${dirac.url}/${wms('TornadoJobManager')}`;
    dirac.has({ ...dirac.services, ...configured(['GridPP'], tornado) });
    assert.deepEqual((await whole({ configuration: dirac.url })).spec.services, {
      JobManager: `${dirac.url}/${wms('TornadoJobManager')}`,
    });
  });

  it('asks which setup, where there are several', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP', 'Other']) });
    const { description, questions } = await asks({ configuration: dirac.url });
    assert.equal(description, undefined);
    assert.deepEqual(
      questions.map(({ about, choices }) => [about, choices]),
      [['setup', ['GridPP', 'Other']]],
    );
  });

  it('tells in which groups its configuration has the owner of the proxy', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP']) });
    const { groups } = await asks({ configuration: dirac.url });
    assert.deepEqual(groups, [{ name: 'gridpp_user', vo: 'gridpp', users: ['ada', 'bob'] }]);
    dirac.has(plain());
    assert.deepEqual((await asks({ url: dirac.url, setup: 'GridPP', vo: 'gridpp' })).groups, []);
  });

  it('refuses what the grid does not have: setup, group, site', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP']) });
    const configuration = dirac.url;
    await assert.rejects(asks({ configuration, setup: 'Nope' }), { code: 'setup-unknown', message: /GridPP/ });
    await assert.rejects(asks({ configuration, group: 'nope' }), { code: 'group-unknown', message: /gridpp_user/ });
    await assert.rejects(asks({ configuration, sites: ['LCG.C.uk'] }), { code: 'site-unknown', message: /LCG\.A\.uk/ });
  });

  it('takes sites in any case of letters', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP']) });
    assert.deepEqual((await whole({ configuration: dirac.url, sites: ['lcg.b.UK'] })).spec.sites, ['LCG.B.uk']);
  });

  it('gets far with the address of the services alone: setup and VO remain', async () => {
    dirac.has(plain());
    const first = await asks({ url: dirac.url });
    assert.deepEqual(
      first.questions.map(({ about }) => about),
      ['setup'],
    );
    assert.match(first.remarks.join(), /no configuration server/);
    const second = await asks({ url: dirac.url, setup: 'GridPP' });
    assert.deepEqual(
      second.questions.map(({ about }) => about),
      ['vo'],
    );
    const { spec, configuration } = await whole({ url: dirac.url, setup: 'GridPP', vo: 'gridpp' });
    assert.equal(configuration, undefined);
    assert.deepEqual(spec.sites, ['LCG.A.uk', 'LCG.B.uk']);
    assert.deepEqual(spec.services, {});
  });

  it("looks for services under the installer's names, and asks the grid for a group that the proxy does not name", async () => {
    const tornado = Object.entries(plain()).map(([path, methods]) => [path.replace('/', '/Tornado'), methods]);
    dirac.has(Object.fromEntries(tornado));
    const clues = { url: dirac.url, setup: 'S', vo: 'v', sites: ['LCG.A.uk'], proxy: dirac.plainProxy };
    const { spec } = await whole(clues);
    assert.equal(spec.services.JobManager, `${dirac.url}/${wms('TornadoJobManager')}`);
    assert.equal(spec.group, 'gridpp_user');
  });

  it('goes without the calls that DIRAC 9 and some users do not have, and asks for sites where nothing tells them', async () => {
    dirac.has({
      ...{ [wms('JobManager')]: who, [wms('SandboxStore')]: who },
      [wms('JobMonitoring')]: { ...who, getSiteSummary: () => new Status(501) },
    });
    const clues = { url: dirac.url, setup: 'S', vo: 'v' };
    assert.deepEqual(
      (await asks(clues)).questions.map(({ about }) => about),
      ['sites'],
    );
    assert.deepEqual((await whole({ ...clues, sites: ['LCG.A.uk'] })).spec.sites, ['LCG.A.uk']);
  });

  it('of a DIRAC 9 has no setup', async () => {
    const urls = ['JobManager', 'JobMonitoring'].map((name) => `${name} = ${dirac.url}/${wms(name)}`).join('\n');
    const text = `Systems { WorkloadManagement { URLs {\n${urls}\n} } } Registry { Groups { gridpp_user {\nVO = v\n} } }`;
    dirac.has({ ...plain(), 'Configuration/Server': { getCompressedData: () => packed(text) } });
    assert.equal((await whole({ configuration: dirac.url })).spec.setup, '');
  });

  it('says that a grid only speaks dips, that nothing was given, and that a file is not there', async () => {
    const text =
      'Systems { WorkloadManagement { URLs {\nJobManager = dips://x:9132/WorkloadManagement/JobManager\n} } }';
    dirac.has({ 'Configuration/Server': { getCompressedData: () => packed(text) } });
    await assert.rejects(asks({ configuration: dirac.url }), { code: 'grid-dips', message: /JobManager over dips/ });
    await assert.rejects(asks({}), { code: 'grid-clues-missing' });
    await assert.rejects(asks({ cfg: join(folder, 'none') }), { code: 'cfg-missing' });
    await assert.rejects(asks({ url: dirac.url, proxy: join(folder, 'none') }), { code: 'proxy-missing' });
  });

  it('says that what it got as a configuration is none', async () => {
    dirac.has({ 'Configuration/Server': { getCompressedData: () => 'eJxx' } });
    await assert.rejects(asks({ configuration: dirac.url }), { code: 'grid-answer-unknown', message: /unpacked/ });
  });

  it('uses the right of an ordinary user only: no call that others may not make', async () => {
    dirac.has({ ...plain(), ...configured(['GridPP']) });
    await whole({ configuration: dirac.url });
    const allowed = ['getCompressedData', 'whoami', 'getSiteMaskStatus', 'getSiteSummary', 'getCounters'];
    assert.deepEqual(
      dirac.asked.filter((call) => !allowed.includes(call.split(' ')[1] ?? '')),
      [],
    );
  });
});
