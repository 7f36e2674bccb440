import assert from 'node:assert/strict';
import { join } from 'node:path';
import { gridOf } from '../../../../src/editor/addGridSteps.js';
import { gridDescription } from '../../../../src/grid/dirac/gridDescription.js';
import { commands } from '../../../../src/ids.js';
import { addGrid, readGrids } from '../../../../src/owner/grids.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { type Answer, FakeDirac, packed } from '../../grid/dirac/fakeDirac.js';
import { scratchHome } from '../../keeper/scratchHome.js';
import { CommandWindow } from './commandWindow.js';

const wms = (name: string): string => `WorkloadManagement/${name}`;
const who = { whoami: () => ({ username: 'ada', group: 'gridpp_user', secondsLeft: 3000 }) };
const [a, b] = ['LCG.A.uk', 'LCG.B.uk'];
const begun = { by: 'configuration', address: 'https://dirac.example', caDirectory: '/ca', name: 'mine' } as const;
const open = { about: 'vo', sentence: 'Which VO?', choices: [] } as const;

/** Grids as a person adds, checks and removes them in a window. */
describe('The commands of grids', function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  let window: CommandWindow;
  const home = scratchHome();
  const names = ['X509_USER_PROXY', 'X509_CERT_DIR', 'XDG_CONFIG_HOME', 'HOME', 'DIRAC', 'DIRACSYSCONFIG', 'DIRACOS'];
  const given = names.map((name) => [name, process.env[name]] as const);

  before(async () => {
    dirac = await FakeDirac.start();
  });
  after(() => dirac?.stop());
  beforeEach(() => {
    for (const name of names) delete process.env[name];
    process.env['X509_USER_PROXY'] = dirac.proxy;
    process.env['X509_CERT_DIR'] = dirac.pki.authorities;
    process.env['XDG_CONFIG_HOME'] = join(home(), 'config');
    process.env['HOME'] = home();
    window = new CommandWindow(home());
  });
  afterEach(() => {
    window.dispose();
    for (const [name, value] of given) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  const services = (): Record<string, Record<string, Answer>> => ({
    [wms('JobManager')]: who,
    [wms('JobMonitoring')]: { ...who, getSiteSummary: () => ({}) },
    [wms('SandboxStore')]: who,
    [wms('WMSAdministrator')]: { ...who, getSiteMaskStatus: () => ({ [a]: 'Active', [b]: 'Banned' }) },
    'Framework/ProxyManager': { getUserProxiesInfo: () => ({ ada: { gridpp_user: Date.now() + 1e9 } }) },
  });
  const urls = (): string =>
    ['JobManager', 'JobMonitoring', 'SandboxStore', 'WMSAdministrator']
      .map((name) => `${name} = ${dirac.url}/${wms(name)}`)
      .join('\n');
  const configuration = (groups: string): Record<string, Record<string, Answer>> => ({
    'Configuration/Server': {
      getCompressedData: () =>
        packed(`
          DIRAC { Setups { GridPP {\nWorkloadManagement = Prod\n} } }
          Systems { WorkloadManagement { Prod { URLs {\n${urls()}\n} } } }
          Registry { Groups { ${groups} } }
          Resources { Sites { LCG {
            ${a} { CEs { a { Queues { q {\nVO = gridpp, lsst\n} } } } }
            ${b} { CEs { b { Queues { q {\nVO = gridpp\n} } } } } } } }`),
    },
  });
  const mine = 'gridpp_user {\nVO = gridpp\nUsers = ada\n}';

  /** Answers a question by something of its words; what is not named is taken as it stands. */
  function answering(answers: Readonly<Record<string, readonly unknown[]>>): (question: Asked) => unknown {
    const left = Object.entries(answers).map(([words, all]) => ({ words, all: [...all] }));
    return ({ kind, placeholder = '' }) => {
      if (kind === 'message') return undefined;
      const found = left.find(({ words, all }) => placeholder.includes(words) && all.length > 0);
      return found === undefined ? 'accept' : found.all.shift();
    };
  }
  const add = (answers: Readonly<Record<string, readonly unknown[]>>): Promise<void> =>
    window.run(commands.addGrid, undefined, answering(answers));
  const asked = (): string[] => window.screen.asked.map(({ placeholder = '' }) => placeholder);

  it('add one from the address of its configuration server; what does not do is said in its step', async () => {
    dirac.has({ ...services(), ...configuration(mine) });
    await add({
      'certificates of grids': ['somewhere', '/nowhere', dirac.pki.authorities],
      'address of its configuration server': ['dips://x:9135', 'https://localhost:1', dirac.url],
      'Which of its sites': [[a, b]],
      'What shall it be called': ['no spaces', 'mine'],
    });
    const problems = window.screen.asked.flatMap(({ problem, value }) => (problem ? [[problem, value]] : []));
    assert.deepEqual(
      problems.map(([, value]) => value),
      ['somewhere', '/nowhere', 'dips://x:9135', 'https://localhost:1', 'no spaces'],
    );
    assert.match(String(problems[1]?.[0]), /does not exist; .*ca-policy-egi-core/);
    assert.match(
      String(problems[3]?.[0]),
      /at localhost:1 did not answer this computer \(nothing listens there, ECONNREFUSED\); check the address/,
    );
    const { mine: added } = await readGrids();
    assert.deepEqual([added?.spec.group, added?.spec.sites], ['gridpp_user', [a, b]]);
    assert.deepEqual(window.notices, ['The grid mine is added. There is a doubt about 1 of the 6 services of mine.']);
  });

  it('add one over the address of its services, and ask what the grid does not tell', async () => {
    dirac.has(services());
    await add({
      ...{ 'What do you know': ['Address of the services'], 'address of its services': [dirac.url] },
      ...{ 'Which setup': ['GridPP'], 'Which virtual organisation': ['gridpp'], 'Which of its sites': [[a]] },
    });
    const { gridpp } = await readGrids();
    assert.deepEqual([gridpp?.spec.setup, gridpp?.spec.vo, gridpp?.spec.sites], ['GridPP', 'gridpp', [a]]);
  });

  it('go back to each question, also to one that the grid has asked, with what was answered', async () => {
    dirac.has(services());
    await add({
      ...{ 'What do you know': ['Address of the services'], 'address of its services': [dirac.url] },
      ...{ 'Which setup': ['Wrong', 'GridPP'], 'Which virtual organisation': ['back', 'gridpp'] },
    });
    const again = window.screen.asked.filter(({ placeholder = '' }) => placeholder.includes('Which setup'));
    assert.deepEqual(
      again.map(({ value }) => value),
      ['', 'Wrong'],
    );
    assert.equal((await readGrids())['gridpp']?.spec.setup, 'GridPP');
  });

  it('offer those groups that the configuration has me in, and take the sites of the one that is chosen', async () => {
    const groups = `${mine} lsst_user {\nVO = lsst\nUsers = ada, bob\n} other {\nVO = other\nUsers = bob\n}`;
    dirac.has({ ...services(), ...configuration(groups) });
    await add({
      'address of its configuration server': [dirac.url],
      'As which of your groups': ['lsst_user'],
    });
    const question = window.screen.asked.find(({ placeholder = '' }) => placeholder.includes('As which'));
    assert.deepEqual(question?.labels, ['gridpp_user', 'lsst_user']);
    const { lsst } = await readGrids();
    assert.deepEqual([lsst?.spec.group, lsst?.spec.vo, lsst?.spec.sites], ['lsst_user', 'lsst', [a]]);
  });

  it('ask for the VO of a group whose configuration tells none, and add nothing without a word', async () => {
    const groups = `${mine} shared {\nUsers = ada\n} lsst_user {\nVO = lsst\nUsers = bob\n}`;
    dirac.has({ ...services(), ...configuration(groups) });
    await add({
      ...{ 'address of its configuration server': [dirac.url], 'As which of your groups': ['shared'] },
      'Which virtual organisation': ['lsst'],
    });
    const { lsst } = await readGrids();
    assert.deepEqual([lsst?.spec.group, lsst?.spec.vo, lsst?.spec.sites], ['shared', 'lsst', [a]]);
    const found = { questions: [open], groups: [], remarks: [], sites: [] };
    assert.throws(() => gridOf({ ...begun, found }), { code: 'grid-question', message: /not known: Which VO\? Add/ });
  });

  it('forget the VO that was answered for one group where another is chosen after all', async () => {
    const groups = `${mine} shared {\nUsers = ada\n} lsst_user {\nVO = lsst\nUsers = bob\n}`;
    dirac.has({ ...services(), ...configuration(groups) });
    await add({
      ...{ 'address of its configuration server': [dirac.url], 'As which of your groups': ['shared', 'gridpp_user'] },
      ...{ 'Which virtual organisation': ['lsst', 'back'], 'called here': ['back', 'mine'] },
    });
    const last = asked().slice(asked().findLastIndex((question) => question.startsWith('As which')) + 1);
    assert.ok(!last.some((question) => question.startsWith('Which virtual')), last.join('\n'));
    const { mine: added } = await readGrids();
    assert.deepEqual([added?.spec.group, added?.spec.vo], ['gridpp_user', 'gridpp']);
  });

  it('are heard of by proxies at once, as is their going', async () => {
    dirac.has({ ...services(), ...configuration(mine) });
    const known = (): readonly string[] => Object.keys(window.shared.addedGrids.grids);
    await add({ 'address of its configuration server': [dirac.url] });
    assert.deepEqual(known(), ['gridpp']);
    assert.deepEqual(window.shared.proxies.known[0]?.use.grids, ['gridpp']);
    await window.run(commands.removeGrid, undefined, ({ kind, labels }) => (kind === 'modal' ? labels[0] : undefined));
    assert.deepEqual([known(), window.shared.proxies.known], [[], []]);
  });

  it('are found by Refresh where another computer has added one', async () => {
    const spec = { kind: 'dirac', url: dirac.url, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user' };
    const description = gridDescription.parse({
      spec: { ...spec, sites: [a], proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
    });
    await addGrid('theirs', description);
    await window.run(commands.refresh);
    assert.deepEqual(Object.keys(window.shared.addedGrids.grids), ['theirs']);
    assert.deepEqual(window.shared.proxies.known[0]?.use.grids, ['theirs']);
  });

  it('ask nothing where there is no proxy, and offer to make one', async () => {
    process.env['X509_USER_PROXY'] = join(home(), 'none');
    await add({});
    assert.deepEqual(
      window.screen.said.map(({ text, buttons }) => [/There is no proxy/.test(text), buttons[0]]),
      [[true, 'Initialise Proxy']],
    );
    assert.equal(asked().join(''), '');
  });

  it('say at once where authorities come from, where this computer has none', async () => {
    process.env['X509_CERT_DIR'] = join(home(), 'none');
    const enough = ({ placeholder = '' }: Asked): unknown =>
      placeholder.includes('What do you know') ? 'accept' : undefined;
    await window.run(commands.addGrid, undefined, enough);
    assert.match(asked().at(-1) ?? '', /none on this computer does not exist; .*ca-policy-egi-core/);
  });

  it('add nothing where a question is left', async () => {
    dirac.has({ ...services(), ...configuration(mine) });
    for (const words of [
      'What do you know',
      'certificates of grids',
      'address of its',
      'Which of its',
      'called here',
    ]) {
      await add({ [words]: [undefined], 'address of its configuration server': [dirac.url] });
      assert.match(asked().at(-1) ?? '', new RegExp(words));
    }
    assert.deepEqual(await readGrids(), {});
    assert.deepEqual(window.notices, []);
  });

  it('check one, service by service, in a document', async () => {
    dirac.has({ ...services(), ...configuration(mine), [wms('SandboxStore')]: {} });
    await add({ 'address of its configuration server': [dirac.url] });
    await window.run(commands.checkGrid, { kind: 'grid', grid: 'gridpp' }, () => undefined);
    const text = window.screen.shown.at(-1)?.getText() ?? '';
    assert.match(text, /^# Check of the grid gridpp\n\n1 of 6 services of gridpp cannot be used as they are/);
    assert.match(text, /✓ \*\*JobManager\*\* knows ada in gridpp_user/);
    assert.match(text, /✗ \*\*SandboxStore\*\*\n {2}- where: https/);
  });

  it('remove one when that is confirmed', async () => {
    dirac.has({ ...services(), ...configuration(mine) });
    await add({ 'address of its configuration server': [dirac.url] });
    await window.run(commands.removeGrid, undefined, () => undefined);
    assert.deepEqual(Object.keys(await readGrids()), ['gridpp']);
    await window.run(commands.removeGrid, undefined, ({ kind, labels }) => (kind === 'modal' ? labels[0] : undefined));
    assert.deepEqual(await readGrids(), {});
    await window.run(commands.removeGrid, undefined, () => undefined);
    assert.match(window.notices.at(-1) ?? '', /No grid has been added/);
  });
});
