import assert from 'node:assert/strict';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { makeProxy, proxyPem } from '../../src/credentials/proxy.js';
import { readProxyFile, writeProxy } from '../../src/credentials/proxyFile.js';
import { openPair } from '../../src/credentials/userCredential.js';
import { type DiracSpec, diracSpec } from '../../src/grid/gridSpec.js';
import { calls } from '../../src/keeper/api.js';
import { addGrid } from '../../src/owner/grids.js';
import { ClusterRig, Home, python } from '../rigs/cluster/clusterRig.js';
import { filesWith } from '../rigs/security/filesWith.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { QuickInput } from '../rigs/vscode/quickInput.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';
import { FakeDirac } from '../unit/grid/dirac/fakeDirac.js';

const minuteMs = 60_000;
const site = 'LCG.Example.uk';

/** From a certificate whose key has a passphrase to a proxy that ends and is renewed; the grid is a stand-in that takes jobs. */
describe('A grid proxy', function () {
  // Each stage needs the one before.
  this.retries(0).bail(true);
  let home: Home;
  let dirac: FakeDirac;
  let spec: DiracSpec;
  let code: VsCode;
  let window: VsCodeWindow;
  let ask: QuickInput;
  let cluster: ClusterRig | undefined;
  const configBefore = process.env['XDG_CONFIG_HOME'];

  before(async () => {
    home = await Home.make();
    process.env['XDG_CONFIG_HOME'] = join(home.folder, 'config');
    dirac = await FakeDirac.start();
    takesJobs(dirac);
    spec = diracSpec.parse({
      ...{ kind: 'dirac', url: dirac.url, setup: 'S', vo: 'gridpp', group: 'gridpp_user', sites: [site] },
      ...{ proxy: dirac.pki.path('gridpp.proxy'), caDirectory: dirac.pki.authorities, pollSeconds: 0.5 },
    });
    code = await openVsCode({
      home,
      size: { width: 1300, height: 900 },
      env: {
        XDG_CONFIG_HOME: join(home.folder, 'config'),
        X509_USER_CERT: dirac.pki.path('ada/cert.pem'),
        X509_USER_KEY: dirac.pki.protect('ada', 'safe', 'pkcs8', '-topk8'),
        X509_USER_PROXY: dirac.pki.path('usual.proxy'),
      },
    });
    window = code.window;
    ask = window.quickInput;
  });
  after(async () => {
    try {
      await code?.close();
      await cluster?.close();
    } finally {
      dirac?.stop();
      if (configBefore === undefined) delete process.env['XDG_CONFIG_HOME'];
      else process.env['XDG_CONFIG_HOME'] = configBefore;
      await home?.remove();
    }
  });

  const soon = (what: string, condition: () => Promise<boolean> | boolean): Promise<void> =>
    until(condition, { timeoutMs: 60_000, everyMs: 200, what });
  const run = (title: string): Promise<void> => window.runCommand(`Sitespan: ${title}`);
  const status = () => window.statusBarItem(/^\s*proxy /);
  const statusSays = (words: RegExp): Promise<void> =>
    soon(`The status bar saying ${words}`, async () => words.test((await status().allInnerTexts()).join()));
  const serial = async (): Promise<string> => (await readProxyFile(spec.proxy)).chain[0].serial.toString('hex');

  async function asks(question: string): Promise<void> {
    await soon(`The question ${question}`, async () =>
      ((await ask.box.getAttribute('placeholder')) ?? '').includes(question),
    );
  }
  async function next(question: string): Promise<void> {
    await asks(question);
    await ask.accept();
  }
  async function refused(words: RegExp): Promise<void> {
    await soon(`It is refused: ${words}`, async () => words.test(await ask.message.innerText()));
  }

  /** A proxy of ada's with that much left, where the grid looks for it. */
  async function putProxy(leftMs: number): Promise<void> {
    const file = (path: string) => ({ path, content: dirac.pki.read(path) });
    const credential = openPair(file('ada/cert.pem'), file('ada/key.pem'));
    const proxy = await makeProxy(credential, { seconds: Math.round(leftMs / 1000), group: 'gridpp_user' });
    await writeProxy(spec.proxy, proxyPem(proxy));
  }

  it('is the first step of a walkthrough, to which the empty view of sites leads', async () => {
    await window.openView('Sitespan');
    await code.page.locator('.sidebar').getByText('From certificate to notebook').click();
    await code.page.getByText('From Certificate to Notebook').first().waitFor();
    await code.page.getByText('Make a proxy of your certificate').first().waitFor();
    await code.page.getByText('The passphrase of your certificate is used once').first().waitFor();
    await window.screenshot('proxy-walkthrough');
  });

  it('is nothing that is spoken of before a grid is added, and then missing', async () => {
    assert.equal(await status().count(), 0);
    await addGrid('gridpp', { spec });
    await statusSays(/proxy missing/);
    await window
      .row(/^gridpp/)
      .first()
      .waitFor();
    await window.rowSays(/^There is no proxy/, /^Error: .*"Initialise Proxy".* Initialise Proxy$/);
  });

  it('is made step by step, a wrong passphrase is asked again, and one for jobs is uploaded', async () => {
    await status().click();
    await asks('Which certificate?');
    assert.match((await ask.items()).join(), /ada\/cert\.pem.*\/C=UK\/O=eScienceLab.*CN=ada lovelace, until 2/s);
    await ask.accept();
    await asks('For which grid?');
    assert.match((await ask.items()).join(), /gridpp.*group gridpp_user/s);
    await ask.accept();
    await asks('For how many hours?');
    await ask.back();
    await next('For which grid?');
    await asks('For how many hours?');
    await ask.answer('12');
    await next('Shall jobs at gridpp get one');
    await asks('Passphrase of ');
    assert.equal(await ask.box.getAttribute('type'), 'password');
    await ask.answer('another passphrase');
    await refused(/^The passphrase does not open the key .*safe\.pem/);
    await ask.answer('');
    await refused(/is protected; give its passphrase/);
    await ask.fill(dirac.pki.passphrase);
    await window.screenshot('proxy-passphrase');
    await ask.accept();
    await window.notification(
      /You are \/C=UK.*CN=ada lovelace in the group gridpp_user until 2.* UTC, for 12 h.*uploaded to localhost/,
    );
    await statusSays(/proxy 11 h/);
    assert.ok(dirac.asked.includes('Framework/ProxyManager completeDelegationUpload'));
    await window.clearNotifications();
  });

  it('tells of itself where the mouse is, and in a document', async () => {
    const said = await window.hover(status());
    assert.match(said, /CN=ada lovelace, group gridpp_user: 11 h, until 2.*for gridpp\..*Renew Proxy.*Proxy Info/s);
    await run('Proxy Info');
    await window.editorTab('Proxy.md').waitFor();
    await soon('The document', async () => /Issuer: .*Lab CA/.test(await window.editorText()));
    assert.match(await window.editorText(), /Group: gridpp_user.*Left: 1[12] h/s);
    await window.screenshot('proxy-info');
  });

  it('is renewed for the passphrase alone, in the window that asks', async () => {
    const before = await serial();
    await run('Renew Proxy');
    await asks('Passphrase of ');
    await ask.answer(dirac.pki.passphrase);
    await window.notification(/You are .* for 12 h/);
    assert.notEqual(await serial(), before);
    await window.clearNotifications();
  });

  it('is warned of before it ends under workers: in the status bar, in the cluster’s row, and once in a message', async () => {
    cluster = await ClusterRig.make({ name: 'far', grids: { gridpp: spec } });
    await cluster.client.call(calls.createPool, { name: 'main', grid: 'gridpp', sites: [site], python });
    await cluster.client.call(calls.scalePool, { pool: 'main', workers: 2 });
    await cluster.when(({ pools }) => pools.some(({ lives }) => lives.waiting === 2));
    await putProxy(100 * minuteMs + 30_000);
    await statusSays(/proxy (100|99) min/);
    await window.notification(/ends at 2.*there are 2 workers of far at gridpp; then submitting/);
    await window.clearNotifications();
    await window.openView('Sitespan');
    await window.rowSays(/^far/, /The proxy .*gridpp\.proxy ends at 2/);
    await window.rowSays(/^The proxy/, /^Warning: .* Renew Proxy$/);
  });

  it('is said to have expired, with what stops and what does not', async () => {
    await putProxy(4000);
    await statusSays(/proxy expired/);
    const notice = await window.notification(
      /expired at 2.*2 workers of far at gridpp: submitting jobs.*workers that run go on/,
    );
    await window.rowSays(/^far/, /expired at 2/);
    await window.rowSays(/^The proxy/, /^Error: .* Renew Proxy$/);
    await window.screenshot('proxy-expired');
    await rig().when(({ problems }) => problems.some(({ code }) => code === 'proxy-expired'));
    await notice.getByRole('button', { name: 'Renew' }).click();
    await asks('Passphrase of ');
  });

  it('is taken up by the cluster when it was renewed, with no restart', async () => {
    const asked = dirac.asked.length;
    await ask.answer(dirac.pki.passphrase);
    await statusSays(/proxy 11 h/);
    await rig().when(({ problems }) => !problems.some(({ code }) => code.startsWith('proxy-')));
    await soon('A question to the grid', () =>
      dirac.asked.slice(asked).some((call) => call.endsWith('JobMonitoring getJobsStatus')),
    );
    await window.rowSays(/^far/, /^Cluster far, 0\/2 workers, 2 coming(?!.*proxy)/);
  });

  it('is destroyed when that is confirmed', async () => {
    await run('Destroy Proxy');
    assert.match(await window.answerDialog('Destroy'), /Destroy the proxy .*gridpp\.proxy\?.*submitting jobs/s);
    await statusSays(/proxy missing/);
    await window.rowSays(/^There is no proxy/, /^Error: .*"Initialise Proxy".* Initialise Proxy$/);
    await putProxy(300 * minuteMs);
    await statusSays(/proxy (5|4) h/);
  });

  it('leaves its passphrase nowhere: not on the page, in no log, in no file', async () => {
    const { passphrase } = dirac.pki;
    assert.ok(!(await code.page.content()).includes(passphrase));
    assert.ok(!(await code.logs()).includes(passphrase));
    assert.ok(!code.server.said().includes(passphrase));
    const found = filesWith(passphrase, code.server.folder, home.folder, dirac.pki.folder);
    assert.deepEqual(found, []);
  });

  function rig(): ClusterRig {
    if (cluster === undefined) throw new Error('no cluster was made');
    return cluster;
  }
});

/** Jobs wait for ever, and end when they are killed; proxies are taken. */
function takesJobs(dirac: FakeDirac): void {
  const jobs = new Map<string, string>();
  const of = (ids: unknown): string[] => (Array.isArray(ids) ? ids.flat().map(String) : []);
  const known = (ids: unknown): object =>
    Object.fromEntries(of(ids).map((id) => [id, { Status: jobs.get(id) ?? 'Deleted', Site: 'ANY' }]));
  const wms = (name: string): string => `WorkloadManagement/${name}`;
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', dirac.pki.path('delegated.key'), '-subj', '/CN=proxy'];
  const request = dirac.pki.openssl('req', '-new', key);
  dirac.has({
    'Framework/ProxyManager': {
      requestDelegationUpload: () => ({ id: 1, request }),
      completeDelegationUpload: () => true,
      getUserProxiesInfo: () => ({}),
    },
    [wms('WMSAdministrator')]: { getSiteMaskStatus: () => ({ [site]: 'Active' }) },
    [wms('SandboxStore')]: { streamFromClient: () => 'SB:SE|/a.tar.bz2' },
    [wms('JobManager')]: {
      getMaxParametricJobs: () => 100,
      submitJob: (jdl) => {
        const count = Number(/Parameters = (\d+);/.exec(String(jdl))?.[1] ?? 1);
        const ids = Array.from({ length: count }, (_, index) => jobs.size + index + 1);
        for (const id of ids) jobs.set(String(id), 'Waiting');
        return ids;
      },
      confirmBulkSubmission: (ids) => ids,
      killJob: (ids) => {
        for (const id of of(ids)) jobs.set(id, 'Killed');
        return ids;
      },
    },
    [wms('JobMonitoring')]: {
      getJobs: () => [...jobs.keys()].map(Number),
      getJobsStatus: known,
      getJobsSummary: known,
    },
  });
}
