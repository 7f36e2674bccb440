import assert from 'node:assert/strict';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { listClusters } from '../../src/keeper/clusters.js';
import { readGrids } from '../../src/owner/grids.js';
import { stopEverything } from '../../src/owner/stopEverything.js';
import { ClusterRig, Home, python } from '../rigs/cluster/clusterRig.js';
import { DiracRig, sites } from '../rigs/dirac/diracRig.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { QuickInput } from '../rigs/vscode/quickInput.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

const longMs = 90_000;

/** A real DIRAC, as a person makes it known and uses it. */
describe('A grid in the window', function () {
  // Each stage needs the one before.
  this.retries(0).bail(true);
  this.timeout(180_000);
  let home: Home;
  let dirac: DiracRig;
  let code: VsCode;
  let window: VsCodeWindow;
  let ask: QuickInput;
  let cluster: ClusterRig | undefined;
  const givenConfig = process.env['XDG_CONFIG_HOME'];
  before(async () => {
    home = await Home.make();
    const config = join(home.folder, 'config');
    process.env['XDG_CONFIG_HOME'] = config;
    dirac = await DiracRig.start();
    await dirac.call('admin', 'WorkloadManagement/WMSAdministrator', 'banSite', sites.brunel, 'a test');
    code = await openVsCode({
      ...{ home, size: { width: 1200, height: 900 } },
      env: {
        ...{ XDG_CONFIG_HOME: config, HOME: home.folder },
        ...{ X509_USER_PROXY: dirac.pki.proxyOf('alice'), X509_CERT_DIR: dirac.pki.authorities },
      },
      machineSettings: { 'sitespan.environment': python },
    });
    window = code.window;
    ask = window.quickInput;
  });
  after(async () => {
    try {
      await code?.close();
      cluster?.client.dispose();
      await stopEverything();
    } finally {
      await dirac?.stop();
      if (givenConfig === undefined) delete process.env['XDG_CONFIG_HOME'];
      else process.env['XDG_CONFIG_HOME'] = givenConfig;
      await home?.remove();
    }
  });

  const soon = (what: string, condition: () => Promise<boolean> | boolean): Promise<void> =>
    until(condition, { timeoutMs: longMs, everyMs: 200, what });
  const run = (title: string): Promise<void> => window.runCommand(`Sitespan: ${title}`);
  const asks = (question: RegExp): Promise<void> =>
    soon(`The question ${question}`, async () => question.test((await ask.box.getAttribute('placeholder')) ?? ''));
  /** Takes what stands there, once the question is the one that is meant. */
  async function next(question: RegExp): Promise<void> {
    await asks(question);
    await ask.accept();
  }

  /** Of the sites' tree: pools name their sites, too. */
  const site = (name: string): RegExp => new RegExp(`^${name}`);

  it('is found out from its address, and a wrong one is said where it was typed', async () => {
    await run('Add Grid');
    await asks(/What do you know of the grid/);
    await ask.pick('Configuration server');
    await asks(/certificates of grids' authorities/);
    assert.equal(await ask.box.inputValue(), dirac.pki.authorities);
    await ask.accept();
    await asks(/address of its configuration server/);
    await ask.fill('dips://localhost:9135');
    await soon('Why not', async () => /dips:\/\/ cannot be used/.test(await ask.message.innerText()));
    await ask.answer('https://localhost:1/Configuration/Server');
    await soon('Why not', async () => /at localhost:1 did not answer/.test(await ask.message.innerText()));
    assert.equal(await ask.box.inputValue(), 'https://localhost:1/Configuration/Server');
    await window.screenshot('add-grid-wrong-address');
    await ask.answer(dirac.configuration);
    await asks(/Which of its sites/);
    assert.match((await ask.items()).join('\n'), /Brunel[^\n]*\n?[^\n]*no jobs go there now: Banned/);
    await window.screenshot('add-grid-sites');
    await ask.accept();
    await asks(/What shall it be called here/);
    assert.equal(await ask.box.inputValue(), 'gridpp');
    await ask.accept();
    await window.notification(/The grid gridpp is added\. There is a doubt about 1 of the 6/);
    await window.clearNotifications();
    assert.deepEqual((await readGrids())['gridpp']?.spec.sites.toSorted(), Object.values(sites).toSorted());
  });

  it('is in the tree with its sites, of which one is banned, though no cluster uses it', async () => {
    await window.openView('Sitespan');
    await window.rowSays(/^gridpp/, /^Grid gridpp, 3 sites/);
    await window.rowSays(site(sites.bristol), /^Site \S+, \d+ running, \d+ waiting of all users$/);
    await window.rowSays(site(sites.brunel), /^Site \S+, banned, \d+ running/);
  });

  it('is checked service by service, in a document', async () => {
    await window.contextMenu(window.row(/^gridpp/), 'Check Grid');
    await window.editorTab('gridpp.md').waitFor();
    await soon('The check', async () => /Check of the grid gridpp/.test(await window.editorText().catch(() => '')));
    assert.match(await window.editorText(), /JobManager.* knows alice in gridpp_user/);
  });

  it('has two of its sites probed before there is a cluster, and nothing runs on for that', async function () {
    this.timeout(300_000);
    await run('Probe Sites');
    await asks(/Which sites/);
    assert.match((await ask.items()).join('\n'), /sends no jobs there now \(Banned\)/);
    await ask.pickMany(sites.bristol, sites.ralpp);
    await asks(/Which Python/);
    await ask.acceptWith(/Python 3/);
    await asks(/The Python of its workers/);
    await ask.answer(python);
    // A cluster is made and ended for it, and DIRAC's jobs have to come.
    const said = await window.notification(/\d sites can run workers/, 150_000);
    assert.match(await said.innerText(), /All 2 sites can run workers\./);
    await window.clearNotifications();
    await window.rowSays(site(sites.bristol), /probed: fit/);
    await window.rowSays(site(sites.ralpp), /probed: fit/);
    await window.screenshot('sites-probed-without-a-cluster');
    assert.deepEqual(await listClusters(), []);
    await soon('The end of all jobs', async () => (await dirac.livingJobs()).length === 0);
  });

  it('takes a new cluster over two of its sites, whose workers come', async () => {
    await run('New Cluster');
    await asks(/Where shall its workers run/);
    await ask.pick('gridpp');
    await asks(/At which sites/);
    assert.match((await ask.items()).join('\n'), /sends no jobs there now \(Banned\)/);
    await ask.pickMany(sites.bristol, sites.ralpp);
    await next(/How many workers/);
    await next(/How many cores/);
    await next(/How much memory/);
    await next(/How long/);
    await asks(/Which Python/);
    await ask.acceptWith(/Python 3/);
    await asks(/The Python of its workers/);
    await ask.answer(python);
    await asks(/What is it called/);
    await ask.answer('agc');
    await asks(/This asks for 2 jobs × 1 core × 24 h = 48 core hours at most/);
    await window.screenshot('new-cluster-on-a-grid');
    await ask.accept();
    await window.rowSays(/^agc/, /2\/2 workers/);
    cluster = await ClusterRig.attach('agc');
    const lives = await cluster.lives();
    assert.deepEqual(lives.map(({ site }) => site).sort(), [sites.bristol, sites.ralpp].sort());
  });

  it('has its sites probed, all that the cluster uses at once', async () => {
    await window.rowSays(site(sites.bristol), /^Site \S+, 1 worker/);
    await window.inlineAction(window.row(/^gridpp/), 'Probe Sites');
    await next(/Which sites/);
    await window.notification(/All 2 sites can run workers/, longMs);
    await window.clearNotifications();
    await window.rowSays(site(sites.bristol), /probed: fit$/);
    await window.rowSays(site(sites.ralpp), /probed: fit$/);
    await window.screenshot('sites-of-a-grid');
  });

  it("tells of a worker in DIRAC's own words, too", async () => {
    await run('Why Is It Not Here?');
    await asks(/Which worker/);
    await ask.pick('main-1');
    await soon('What DIRAC says', async () =>
      /What the grid says.*Status: Running/s.test(await window.editorText().catch(() => '')),
    );
    await window.screenshot('why-with-the-words-of-dirac');
    assert.match(await window.editorText(), /Job: \d+ of gridpp/);
  });

  it('is forgotten when that is confirmed, and the cluster keeps it', async () => {
    await window.contextMenu(window.row(/^gridpp/), 'Remove Grid');
    assert.match(await window.answerDialog('Remove'), /Clusters that were made with it keep it/);
    await soon('Its going', async () => Object.keys(await readGrids()).length === 0);
    await window.rowSays(/^gridpp/, /^Grid gridpp, 3 sites, 2 workers/);
    await cluster?.close();
    await soon('The end of its row', async () => (await window.row(/^gridpp/).count()) === 0);
  });
});
