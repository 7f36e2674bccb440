import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listClusters } from '../../src/keeper/clusters.js';
import { gridsPath, readGrids } from '../../src/owner/grids.js';
import { stopEverything } from '../../src/owner/stopEverything.js';
import { ClusterRig, Home, python } from '../rigs/cluster/clusterRig.js';
import { DiracRig, sites } from '../rigs/dirac/diracRig.js';
import { filesWith } from '../rigs/security/filesWith.js';
import { AnalysisWindow } from '../rigs/vscode/analysisWindow.js';
import { processesOf } from '../rigs/vscode/endProcesses.js';
import { Keys } from '../rigs/vscode/keys.js';
import { installPackage } from '../rigs/vscode/manageExtensions.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { QuickInput } from '../rigs/vscode/quickInput.js';

const passphrase = 'a passphrase of a story';
const both: readonly string[] = [sites.bristol, sites.ralpp];

/** A person with a certificate and nothing else, on a real DIRAC, in the installed package. */
describe('From a certificate to a notebook at two sites of a DIRAC', function () {
  // Each stage needs the one before.
  this.retries(0).bail(true);
  this.timeout(300_000);
  const givenConfig = process.env['XDG_CONFIG_HOME'];
  let home: Home;
  /** Where the person keeps what is theirs alone: home is looked through for secrets at the end. */
  let globus: string;
  let dirac: DiracRig;
  let code: VsCode;
  let keys: Keys;
  let ask: QuickInput;
  let analysis: AnalysisWindow;
  let counted: string;
  before(async () => {
    home = await Home.make();
    const config = join(home.folder, 'config');
    process.env['XDG_CONFIG_HOME'] = config;
    const work = join(home.folder, 'work');
    await mkdir(work);
    [dirac] = await Promise.all([DiracRig.start(), installPackage(home.folder)]);
    globus = await mkdtemp(join(tmpdir(), 'globus-'));
    const key = join(globus, 'userkey.pem');
    const clear = createPrivateKey(await readFile(dirac.pki.key('carol')));
    await writeFile(key, clear.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }), {
      mode: 0o600,
    });
    code = await openVsCode({
      home,
      workspace: work,
      installed: join(home.folder, 'extensions'),
      env: {
        ...{ AGC_CHUNKSIZE: '4000', XDG_CONFIG_HOME: config, HOME: home.folder },
        ...{ X509_USER_CERT: dirac.pki.certificate('carol'), X509_USER_KEY: key },
        ...{ X509_USER_PROXY: join(globus, 'proxy.pem'), X509_CERT_DIR: dirac.pki.authorities },
      },
      machineSettings: { 'sitespan.environment': python },
    });
    keys = new Keys(code.page);
    ask = code.window.quickInput;
    analysis = new AnalysisWindow(code, keys, 'toppair', work);
  });
  after(async () => {
    try {
      await code?.close();
      await stopEverything();
    } finally {
      await dirac?.stop();
      if (givenConfig === undefined) delete process.env['XDG_CONFIG_HOME'];
      else process.env['XDG_CONFIG_HOME'] = givenConfig;
      await rm(globus, { recursive: true, force: true });
      await home?.remove();
    }
  });

  const picture = (stage: string): Promise<string> => code.window.screenshot(`grid story ${stage}`);
  const run = (title: string): Promise<void> => code.window.runCommand(`Sitespan: ${title}`);
  const asks = (question: RegExp): Promise<void> =>
    analysis.soon(`The question ${question}`, async () =>
      question.test((await ask.box.getAttribute('placeholder', { timeout: 1000 }).catch(() => null)) ?? ''),
    );
  /** Takes what stands there, or answers with a text, once the question is the one that is meant. */
  async function next(question: RegExp, text?: string): Promise<void> {
    await asks(question);
    if (text === undefined) await ask.accept();
    else await ask.answer(text);
  }
  /** Takes the first environment, once there is one. */
  async function takesPython(): Promise<void> {
    await asks(/Which Python/);
    await ask.acceptWith(/Python 3/);
  }

  it('begins with the walkthrough, whose first step makes a proxy, and one for jobs later', async () => {
    await code.window.openView('Sitespan');
    await code.page.locator('.sidebar').getByText('From certificate to notebook').click();
    await code.page.getByText('Make a proxy of your certificate').first().waitFor();
    await picture('1 walkthrough');
    await analysis.beginFrom(/^Make a proxy/, /^Initialise Proxy$/);
    await next(/Which certificate/);
    await next(/For which of DIRAC's groups/, 'gridpp_user');
    await next(/For how many hours/, '24');
    await asks(/^Passphrase of /);
    await ask.fill(passphrase);
    await picture('2 passphrase');
    assert.ok(!(await code.page.content()).includes(passphrase));
    await ask.accept();
    await code.window.notification(/You are .*CN=carol example in the group gridpp_user until/);
    await code.window.clearNotifications();
  });

  it('adds the grid by one address', async () => {
    await run('Add Grid');
    await asks(/What do you know of the grid/);
    await ask.pick('Configuration server');
    await next(/certificates of grids' authorities/);
    await next(/address of its configuration server/, dirac.configuration);
    await next(/Which of its sites/);
    await next(/What shall it be called here/);
    await code.window.notification(/The grid gridpp is added/);
    await code.window.clearNotifications();
    await code.window.rowSays(/^gridpp/, /^Grid gridpp, 3 sites/);
    await analysis.soon('The time left of the proxy', async () =>
      /^\s*proxy 2[34] h/m.test((await code.page.locator('.statusbar-item').allInnerTexts()).join('\n')),
    );
    await picture('3 the grid and the proxy');
    // This DIRAC is asked more often than others like.
    const written = (await readFile(gridsPath(), 'utf8')).replace(/"pollSeconds": *10\b/, '"pollSeconds": 1');
    await writeFile(gridsPath(), written);
    assert.equal((await readGrids())['gridpp']?.spec.pollSeconds, 1);
  });

  it('gives jobs a proxy, too, with the passphrase and nothing else to say', async () => {
    await run('Initialise Proxy');
    await next(/Which certificate/);
    await next(/For which grid/);
    await next(/For how many hours/);
    await next(/Shall jobs at gridpp get one, too/);
    await next(/^Passphrase of /, passphrase);
    await code.window.notification(/You are .* uploaded to localhost/);
    await code.window.clearNotifications();
    const kept = await dirac.call('carol', 'Framework/ProxyManager', 'getUserProxiesInfo');
    assert.deepEqual(Object.keys(Object(kept)), [await dirac.pki.subject('carol')]);
  });

  it('probes two of its sites, before there is a cluster', async () => {
    await run('Probe Sites');
    await asks(/Which sites/);
    await ask.pickMany(...both);
    await takesPython();
    await next(/The Python of its workers/, python);
    await code.window.notification(/All 2 sites can run workers/, 150_000);
    await code.window.clearNotifications();
    for (const site of both) await code.window.rowSays(new RegExp(`^${site}`), /probed: fit/);
    await picture('4 probed');
  });

  it('makes a cluster over two of its sites, whose workers come one by one', async () => {
    await run('New Cluster');
    await asks(/Where shall its workers run/);
    await ask.pick('gridpp');
    await asks(/At which sites/);
    await ask.pickMany(...both);
    await next(/How many workers/, '4');
    await next(/How many cores/, '1');
    await next(/How much memory/);
    await next(/How long/);
    await takesPython();
    await next(/The Python of its workers/, python);
    await next(/What is it called/, 'toppair');
    await asks(/This asks for 4 jobs × 1 core/);
    await picture('5 what it asks for');
    await ask.accept();
    await analysis.workersCome(4);
    const cluster = await ClusterRig.attach('toppair');
    const at = (await cluster.lives()).map(({ site }) => site).sort();
    cluster.client.dispose();
    assert.deepEqual(
      at,
      both.flatMap((site) => [site, site]),
    );
    await code.window.expand(/^toppair/, 'main');
    await code.window.expand('main', 'main-1');
    await picture('6 workers at two sites');
  });

  it('runs the notebook there, and counts just the events that the analysis counted', async () => {
    await analysis.openExample(4);
    counted = await analysis.runAll(() => picture('7 throughput moves'));
    await analysis.soon('The total', async () => (await analysis.total('Events')) === counted);
    await picture('8 all has run');
  });

  it('gives two workers back, whose jobs end as done', async () => {
    await run('Scale Workers');
    await next(/Workers of toppair, pool main/, '2');
    await analysis.soon('Two workers', async () => /2\/2 workers/.test(await analysis.clusterRow()));
    await analysis.soon('The end of two jobs', async () => (await dirac.livingJobs()).length === 2);
    await picture('9 scaled down');
  });

  it('closes the cluster, and leaves no job, no process, and the passphrase nowhere', async () => {
    await run('Close Cluster');
    await code.window.answerDialog('Close');
    await analysis.soon('Its end', async () => (await listClusters()).length === 0);
    await analysis.soon('The end of all jobs', async () => (await dirac.livingJobs()).length === 0);
    await picture('10 closed');
    assert.ok(!(await code.page.content()).includes(passphrase));
    assert.deepEqual(await analysis.warnings(), []);
    assert.deepEqual(filesWith(passphrase, code.server.folder, home.folder, globus), []);
    await code.close();
    assert.deepEqual(await processesOf(home.folder), []);
  });
});
