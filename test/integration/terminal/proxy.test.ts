import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeProxy } from '../../../src/credentials/proxyFile.js';
import { assertSentence } from '../../rigs/credentials/wrongCredentials.js';
import { SmallDisk } from '../../rigs/nodes/smallDisk.js';
import { ProcessWatch } from '../../rigs/security/processWatch.js';
import { Cli } from '../../rigs/terminal/cli.js';
import { GridPki } from '../../unit/credentials/gridPki.js';

describe('sitespan proxy', () => {
  let pki: GridPki;
  let watch: ProcessWatch;
  let passphrase: string;
  let own: string[];

  before(() => {
    passphrase = `a canary ${randomBytes(16).toString('hex')}`;
    pki = new GridPki(passphrase);
    pki.user('ada');
    const key = pki.protect('ada', 'safe', 'pkcs8', '-topk8');
    own = ['--cert', pki.path('ada/cert.pem'), '--key', key, '--ca-folder', pki.authorities];
  });
  beforeEach(async () => {
    watch = new ProcessWatch();
    await watch.ready;
  });
  afterEach(async () => {
    await Cli.killAll();
    await watch?.stop();
  });
  after(() => pki?.remove());

  const nowhere = async (...said: string[]): Promise<void> => {
    await watch.stop();
    const found = watch.leaks(new Map([[passphrase, 'the test']]));
    assert.deepEqual(found, []);
    for (const text of said) assert.ok(!text.includes(passphrase), 'the passphrase was shown');
  };

  it('init asks for the passphrase on the terminal and does not show it; info tells what was made; destroy removes it', async () => {
    const path = pki.path('asked.proxy');
    const init = Cli.atTerminal('proxy', 'init', ...own, '--group', 'gridpp_user', '--hours', '12', '--out', path);
    await init.says(/Passphrase of .*safe\.pem: /);
    init.type(`${passphrase}\r`);
    assert.equal(await init.end(), 0, init.output);
    assert.match(init.output, /identity +\/C=UK\/O=eScienceLab\/OU=Imperial\/CN=ada lovelace\s+group +gridpp_user/);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.ok(!(await readFile(path, 'utf8')).includes(passphrase));
    await nowhere(init.output, init.errors);

    const info = Cli.start('proxy', 'info', '--json', '--file', path, '--ca-folder', pki.authorities);
    assert.equal(await info.end(), 0, info.errors);
    const { secondsLeft, group, limited, warnings } = JSON.parse(info.output);
    assert.deepEqual([group, limited, warnings], ['gridpp_user', false, []]);
    assert.ok(secondsLeft > 43_000 && secondsLeft <= 43_200);

    const destroy = Cli.start('proxy', 'destroy', '--file', path);
    assert.equal(await destroy.end(), 0);
    const gone = Cli.start('proxy', 'info', '--json', '--file', path);
    assert.equal(await gone.end(), 1);
    assert.equal(JSON.parse(gone.output).problem.code, 'proxy-missing');
  });

  it('init reads the passphrase from stdin where it is told to, and else asks nobody', async () => {
    const path = pki.path('piped.proxy');
    const init = Cli.start('proxy', 'init', ...own, '--passphrase-stdin', '--out', path);
    init.type(`${passphrase}\n`);
    assert.equal(await init.end(), 0, init.errors);
    await nowhere(init.output, init.errors);
    const mute = Cli.start('proxy', 'init', ...own, '--out', path);
    assert.equal(await mute.end(), 1);
    assert.match(mute.errors, /there is no terminal to ask .*--passphrase-stdin/);
  });

  it('init with a wrong passphrase says so, and shows neither', async () => {
    const init = Cli.start('proxy', 'init', ...own, '--passphrase-stdin', '--out', pki.path('wrong.proxy'));
    init.type(`${passphrase} but not quite\n`);
    assert.equal(await init.end(), 1);
    assert.match(init.errors, /The passphrase does not open the key .*safe\.pem/);
    await nowhere(init.output, init.errors);
  });

  it('init on a full disk says so and leaves nothing', async () => {
    const disk = new SmallDisk(1);
    try {
      await disk.fill();
      const path = join(disk.folder, 'full.proxy');
      const init = Cli.start('proxy', 'init', ...own, '--passphrase-stdin', '--out', path);
      init.type(`${passphrase}\n`);
      assert.equal(await init.end(), 1);
      const [, sentence = ''] = /^sitespan: (The proxy could not .*)$/m.exec(init.errors) ?? [];
      assertSentence('disk full', sentence, path);
      await assert.rejects(writeProxy(path, 'a proxy'), { code: 'disk-full' });
      await assert.rejects(stat(path), { code: 'ENOENT' });
    } finally {
      disk.dispose();
    }
  });

  it('takes only what belongs to what is asked', async () => {
    const info = Cli.start('proxy', 'info', '--group', 'gridpp_user');
    assert.equal(await info.end(), 2);
    assert.match(info.errors, /takes no --group/);
    const upload = Cli.start('proxy', 'upload', ...own);
    assert.equal(await upload.end(), 2);
    assert.match(upload.errors, /Say with --grid where to upload to/);
  });
});
