import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { readProxyFile } from '../../../../src/credentials/proxyFile.js';
import { diracSpec } from '../../../../src/grid/gridSpec.js';
import { commands } from '../../../../src/ids.js';
import { addGrid } from '../../../../src/owner/grids.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { GridPki } from '../../credentials/gridPki.js';
import { CommandWindow } from './commandWindow.js';

/** Of proxies, on a computer with a certificate whose key has a passphrase and a grid that was added. */
describe('Commands of proxies', function () {
  this.timeout(60_000);
  let pki: GridPki;
  let window: CommandWindow;
  const names = ['HOME', 'XDG_CONFIG_HOME', 'X509_USER_CERT', 'X509_USER_KEY', 'X509_USER_PROXY'] as const;
  const before_ = names.map((name) => [name, process.env[name]] as const);

  before(async () => {
    pki = new GridPki(' a passphrase with blanks ');
    pki.user('ada');
    for (const name of ['HOME', 'XDG_CONFIG_HOME'] as const) process.env[name] = pki.path('home');
    process.env['X509_USER_CERT'] = pki.path('ada/cert.pem');
    process.env['X509_USER_KEY'] = pki.protect('ada', 'safe', 'pkcs8', '-topk8');
    process.env['X509_USER_PROXY'] = pki.path('usual');
    const spec = diracSpec.parse({
      ...{ kind: 'dirac', url: 'https://127.0.0.1:9', setup: 'Test', vo: 'gridpp', group: 'gridpp_user' },
      ...{ sites: ['LCG.Example.uk'], proxy: pki.path('gridpp.proxy'), caDirectory: pki.authorities },
    });
    await addGrid('gridpp', { spec });
  });
  after(() => {
    for (const [name, value] of before_) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    pki?.remove();
  });
  beforeEach(() => {
    window = new CommandWindow(pki.folder);
  });
  afterEach(() => {
    window.dispose();
    const { asked, said, executed } = window.screen;
    const seen = JSON.stringify([
      asked.map(({ value, ...rest }) => [rest, value?.length]),
      said,
      executed,
      window.logged,
    ]);
    assert.ok(!seen.includes(pki.passphrase.trim()), 'the passphrase is in what was shown or logged');
  });

  const wrong = 'not the passphrase';
  /** Answers by what is asked; what is not there is taken as it stands. */
  function answers(given: Readonly<Record<string, unknown>>): (question: Asked) => unknown {
    return ({ kind, placeholder = '', problem }) => {
      if (kind === 'message') return undefined;
      if (placeholder.startsWith('Passphrase')) {
        return problem === undefined || problem === '' ? (given['Passphrase'] ?? pki.passphrase) : pki.passphrase;
      }
      const key = Object.keys(given).find((one) => placeholder.includes(one));
      return key === undefined ? 'accept' : given[key];
    };
  }
  const chain = async (path: string) => (await readProxyFile(path)).chain;

  it('make one for an added grid, where that looks for it, after a wrong passphrase', async () => {
    const answer = answers({ 'Shall jobs': 'Only here', Passphrase: wrong, 'how many hours': '12' });
    await window.run(commands.initProxy, undefined, answer);
    const asked = window.screen.asked.map(({ placeholder = '', step, steps }) => [
      placeholder.slice(0, 12),
      step,
      steps,
    ]);
    assert.deepEqual(asked.slice(0, 5), [
      ['Which certif', 1, 5],
      ['For which gr', 2, 5],
      ['For how many', 3, 5],
      ['Shall jobs a', 4, 5],
      ['Passphrase o', 5, 5],
    ]);
    assert.match(window.screen.asked[5]?.problem ?? '', /^The passphrase does not open the key .*safe\.pem/);
    const [proxy] = await chain(pki.path('gridpp.proxy'));
    assert.equal(proxy.diracGroup, 'gridpp_user');
    assert.match(
      window.notices.join(),
      /^You are \/C=UK.*CN=ada lovelace in the group gridpp_user until 2\d{3}-\d\d-\d\d \d\d:\d\d UTC, for 12 h/,
    );
    const [grid] = window.shared.proxies.known;
    assert.equal(grid?.use.path, pki.path('gridpp.proxy'));
  });

  it('make one for a group that is typed, where grid tools look, with a way back', async () => {
    let back = 0;
    const given = answers({ 'For which grid': 'Another group…', "DIRAC's groups": 'na62_user' });
    await window.run(commands.initProxy, undefined, (question) => {
      if (question.placeholder?.startsWith('For how many') === true && back++ === 0) return 'back';
      return given(question);
    });
    const groups = window.screen.asked.filter(({ placeholder = '' }) => placeholder.includes("DIRAC's groups"));
    assert.deepEqual(
      groups.map(({ value }) => value),
      ['', 'na62_user'],
    );
    assert.equal((await chain(pki.path('usual')))[0].diracGroup, 'na62_user');
  });

  it('take a certificate from a file that was not found, and ask for its key where that is elsewhere', async () => {
    const chosen = [pki.path('ada/cert.pem'), pki.path('ada/key.pem')];
    const given = answers({ 'Which certificate': '$(folder-opened) Another file…', 'Shall jobs': 'Only here' });
    await window.run(commands.initProxy, undefined, (question) =>
      question.kind === 'dialog' ? [{ fsPath: chosen.shift() }] : given(question),
    );
    assert.deepEqual(chosen, []);
    assert.ok(!window.screen.asked.some(({ placeholder = '' }) => placeholder.startsWith('Passphrase')));
    assert.match(window.notices.join(), /^You are /);
  });

  it('make one in the file it is called on, also where no grid knows that, or it is for another group now', async () => {
    const other = answers({ 'For which grid': 'Another group…', "DIRAC's groups": 'na62_user' });
    rmSync(pki.path('usual'), { force: true });
    for (const path of [pki.path('forgotten.proxy'), pki.path('gridpp.proxy')]) {
      await window.run(commands.initProxy, { proxy: path }, other);
      assert.equal((await chain(path))[0].diracGroup, 'na62_user');
    }
    assert.ok(!existsSync(pki.path('usual')));
  });

  it('leave no trace where a question is left', async () => {
    rmSync(pki.path('usual'), { force: true });
    await window.run(commands.initProxy, undefined, ({ placeholder = '' }) =>
      placeholder.startsWith('Passphrase')
        ? undefined
        : placeholder.startsWith('For which grid')
          ? 'Another group…'
          : 'accept',
    );
    assert.deepEqual([window.notices, existsSync(pki.path('usual'))], [[], false]);
  });

  it('say that it is made where only the upload fails', async () => {
    await window.run(commands.initProxy, undefined, answers({}));
    assert.match(window.notices.join('|'), /^You are .* None was uploaded for jobs: .*127\.0\.0\.1:9[^|]*$/);
    assert.equal((await chain(pki.path('gridpp.proxy')))[0].diracGroup, 'gridpp_user');
  });

  it('renew it as it was made, for the passphrase alone', async () => {
    await window.run(commands.initProxy, undefined, answers({ 'Shall jobs': 'Only here', 'how many hours': '7' }));
    const asked = window.screen.asked.length;
    const [first] = await chain(pki.path('gridpp.proxy'));
    await window.run(commands.renewProxy, undefined, answers({ Passphrase: wrong }));
    assert.deepEqual(
      window.screen.asked.slice(asked).map(({ title, kind }) => [title.slice(0, 11), kind]),
      [
        ['Renew Proxy', 'text'],
        ['Renew Proxy', 'text'],
        ['You are /C=', 'message'],
      ],
    );
    const [second] = await chain(pki.path('gridpp.proxy'));
    assert.equal(second.diracGroup, 'gridpp_user');
    assert.ok(second.serial.compare(first.serial) !== 0);
    assert.match(window.notices.at(-1) ?? '', /for 7 h/);
  });

  it('renew one that a terminal has made as its file tells, with the certificate of the same person', async () => {
    // Another window's memory is not this one's.
    await window.run(commands.renewProxy, { proxy: pki.path('gridpp.proxy') }, answers({}));
    assert.match(window.notices.join(), /CN=ada lovelace in the group gridpp_user .*for 7 h/);
  });

  it('ask for all where there is nothing to renew', async () => {
    rmSync(pki.path('gridpp.proxy'));
    await window.run(commands.renewProxy, undefined, () => undefined);
    assert.equal(window.screen.asked[0]?.title, 'Initialise Proxy');
  });

  it('tell of it in a document, also that there is none', async () => {
    await window.run(commands.proxyInfo);
    assert.match(
      window.screen.shown[0]?.getText() ?? '',
      /## .*gridpp\.proxy[\s\S]*There is no proxy .*"Initialise Proxy"/,
    );
  });

  it('are not needed to see one: Refresh looks for grids and their proxies, too', async () => {
    await window.run(commands.refresh);
    assert.deepEqual(
      window.shared.proxies.known.map(({ use }) => use.path),
      [pki.path('gridpp.proxy')],
    );
  });

  it('destroy it when that is confirmed', async () => {
    await window.run(commands.initProxy, undefined, answers({ 'Shall jobs': 'Only here' }));
    await window.run(commands.destroyProxy, undefined, () => undefined);
    assert.ok(existsSync(pki.path('gridpp.proxy')));
    await window.run(commands.destroyProxy, undefined, ({ kind }) => (kind === 'modal' ? 'Destroy' : undefined));
    assert.ok(!existsSync(pki.path('gridpp.proxy')));
    await window.run(commands.destroyProxy, undefined, () => undefined);
    assert.match(window.notices.at(-1) ?? '', /^There is no proxy .*gridpp\.proxy on this computer\.$/);
  });
});
