import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { listClusters } from '../../src/keeper/clusters.js';
import { stopEverything } from '../../src/owner/stopEverything.js';
import { ClusterRig, Home, python } from '../rigs/cluster/clusterRig.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { QuickInput } from '../rigs/vscode/quickInput.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

describe('The palette', () => {
  let home: Home;
  let code: VsCode;
  let window: VsCodeWindow;
  let ask: QuickInput;
  let rig: ClusterRig | undefined;
  before(async () => {
    home = await Home.make();
    // To VS Code this is a remote, and these are settings of a computer.
    code = await openVsCode({
      ...{ home, env: { XDG_CONFIG_HOME: join(home.folder, 'config') } },
      machineSettings: { 'sitespan.localSites': { north: 4, south: 4 } },
    });
    window = code.window;
    ask = window.quickInput;
  });
  after(async () => {
    await code?.close();
    rig?.client.dispose();
    await stopEverything();
    await home?.remove();
  });

  const soon = (what: string, condition: () => Promise<boolean> | boolean): Promise<void> =>
    until(condition, { timeoutMs: 60_000, everyMs: 200, what });
  const cluster = (): ClusterRig => {
    if (rig === undefined) throw new Error('no cluster was made');
    return rig;
  };
  const clusters = async (): Promise<number> => (await listClusters()).length;
  const run = (title: string): Promise<void> => window.runCommand(`Sitespan: ${title}`);

  /** Takes what stands there, once the question is the one that is meant. */
  async function next(question: string | RegExp): Promise<void> {
    await asks(question);
    await ask.accept();
  }

  async function asks(question: string | RegExp): Promise<void> {
    const pattern = typeof question === 'string' ? new RegExp(question) : question;
    await soon(`The question ${question}`, async () => pattern.test((await ask.box.getAttribute('placeholder')) ?? ''));
  }

  it('chooses an environment, which is then the one of new clusters', async () => {
    await run('Choose Environment');
    await asks('Which Python');
    await ask.item('Another').first().waitFor();
    await ask.answer('Another');
    await asks('An environment: ');
    await ask.answer(python);
    const machine = join(code.server.folder, 'data', 'Machine', 'settings.json');
    await soon('The setting', async () =>
      (await textOf(machine)).includes(`"sitespan.environment": ${JSON.stringify(python)}`),
    );
  });

  it('makes a cluster step by step, with a way back, and says the allocation before', async () => {
    await run('New Cluster');
    await next('At which sites');
    await asks('How many workers');
    await ask.fill('3');
    await ask.accept();
    await asks('How many cores');
    assert.match(await ask.title.innerText(), /New Cluster \(3\/\d\)/);
    await ask.back();
    await asks('How many workers');
    assert.equal(await ask.box.inputValue(), '3');
    await ask.answer('2');
    await asks('How many cores');
    await ask.answer('9');
    await soon('Why not', async () => /only 4 slots/.test(await ask.message.innerText()));
    await ask.answer('1');
    await next('How much memory');
    await next('How long');
    await asks('Which Python');
    await ask.item(python).first().waitFor();
    await ask
      .item(/Python 3/)
      .first()
      .waitFor();
    await ask.accept();
    await asks('What is it called');
    await ask.answer('story');
    await asks('This asks for 2 jobs × 1 core × 24 h = 48 core hours at most');
    assert.match((await ask.items()).join(), /Make story.*at north, south/s);
    await window.screenshot('new-cluster-last-step');
    assert.equal(await clusters(), 0);
    await ask.accept();
    await soon('The cluster', async () => (await clusters()) === 1);
    rig = await ClusterRig.attach('story');
    await rig.settled(2);
    const lives = await rig.lives();
    assert.deepEqual(lives.map(({ site }) => site).sort(), ['north', 'south']);
  });

  it('does nothing where a step is left', async () => {
    await run('New Cluster');
    await next('At which sites');
    await asks('How many workers');
    await ask.cancel();
    assert.equal(await clusters(), 1);
  });

  it('scales a pool, and one site alone', async () => {
    await run('Scale Workers');
    await asks('Workers of story, pool main. Each takes 1 job × 1 core × 24 h');
    assert.equal(await ask.box.inputValue(), '2');
    await ask.answer('3');
    await cluster().settled(3);
    await run('Scale Workers at This Site');
    await asks('Which site');
    await ask.pick('south');
    await asks('Workers of story at south alone');
    await ask.answer('1');
    await cluster().settled(1, 'main-south');
    await run('Scale Workers');
    await asks('Which pool');
    await ask.pick('main-south');
    await asks('pool main-south');
    await ask.answer('0');
    await cluster().settled(0, 'main-south');
  });

  it('tells why a worker is here or not, and shows its log', async () => {
    await run('Why Is It Not Here?');
    await asks('Which worker');
    await ask.pick('main-1');
    await window.editorTab('main-1.md').waitFor();
    await soon('Its life', async () => /main-1 is here/.test(await window.editorText()));
    assert.match(await window.editorText(), /takes tasks/);
    await window.screenshot('why');
    await run('Show Worker Log');
    await asks('Which worker');
    await ask.pick('main-1');
    await window.editorTab('main-1.log').waitFor();
    await soon('Its log', async () => /distributed|sitespan/i.test(await window.editorText()));
  });

  it('drains a worker, which makes the pool smaller, and kills one, which is replaced', async () => {
    await run('Drain Worker');
    await asks('Which worker');
    await ask.pick('main-3');
    await cluster().settled(2);
    await run('Kill Worker');
    await asks('Which worker');
    await ask.pick('main-1');
    assert.match(await window.answerDialog('Kill'), /Kill main-1 at (north|south)/);
    await soon(
      'Its end',
      async () => (await cluster().lives()).find(({ name }) => name === 'main-1')?.phase === 'ended',
    );
    await cluster().settled(2);
  });

  it('follows the scheduler where it is told to', async () => {
    await run('Set Adaptive Scaling');
    await asks('Which pool');
    await ask.pick('main');
    await asks('The fewest workers');
    await ask.answer('2');
    await asks('The most workers');
    await ask.answer('4');
    const state = await cluster().when(({ pools }) => pools.some(({ adaptive }) => adaptive !== undefined));
    assert.deepEqual(state.pools[0]?.adaptive, { minimum: 2, maximum: 4 });
  });

  it('probes sites and tells what it found', async () => {
    await run('Probe Sites');
    await next('Which sites');
    await window.notification(/All 2 sites can run workers/);
    await window.clearNotifications();
  });

  it('copies the address of the scheduler', async () => {
    await run('Copy Scheduler Address');
    await soon(
      'The address',
      async () => (await code.page.evaluate('navigator.clipboard.readText()')) === 'relay://scheduler:8786',
    );
  });

  it('runs a Python file in a terminal', async () => {
    const file = join(code.workspace ?? '', 'sum.py');
    const result = join(home.folder, 'sum.txt');
    await writeFile(
      file,
      `from dask.distributed import Client\n\nwith open(${JSON.stringify(result)}, "w") as file:\n    file.write(str(Client().submit(sum, [40, 2]).result()))\n`,
    );
    await window.openFile('sum.py');
    await run('Run Python File on Cluster');
    await soon('Its result', async () => (await textOf(result)) === '42');
  });

  it('shows what a relay on a host needs, and offers to set it', async () => {
    await run('Deploy Relay');
    await asks('as ssh knows it');
    await ask.answer('me@vm; reboot');
    await soon('Why not', async () => /Such as relay\.example\.org/.test(await ask.message.innerText()));
    await ask.answer('me@vm');
    await asks('by which workers and colleagues');
    await ask.answer('relay.example.org');
    await next('The port');
    await asks('Which certificate');
    await ask.pick('One of your own');
    await asks('Who does it');
    await ask.pick('Show what is to be done');
    await window.editorTab('DEPLOY.md').waitFor();
    await soon('The page', async () => /A relay on me@vm/.test(await window.editorText()));
    await window.notification('When the relay runs, new clusters can use it: relay.example.org:8443');
    await window.clearNotifications();
  });

  it('tells what is wrong, and offers the bundle', async () => {
    await run('Doctor');
    await window.editorTab('Doctor.md').waitFor();
    await soon('The report', async () => /What is well/.test(await window.editorText()));
    await window.notification('a bundle has it with logs and versions');
    await window.clearNotifications();
  });

  it('closes a cluster and starts it again, with its pools', async () => {
    await run('Close Cluster');
    assert.match(await window.answerDialog('Close'), /Close the cluster story/);
    await soon('Its end', async () => (await clusters()) === 0);
    cluster().client.dispose();
    await run('Start Cluster Again');
    await soon('The cluster', async () => (await clusters()) === 1);
    rig = await ClusterRig.attach('story');
    await rig.settled(2);
    const { pools } = await rig.when(() => true);
    assert.deepEqual(
      pools.map(({ name, sites, adaptive }) => ({ name, sites, adaptive })),
      [
        { name: 'main', sites: ['north', 'south'], adaptive: { minimum: 2, maximum: 4 } },
        { name: 'main-south', sites: ['south'], adaptive: undefined },
      ],
    );
  });

  it('stops everything', async () => {
    await run('Stop Everything');
    assert.match(await window.answerDialog('Stop Everything'), /story/);
    await soon('The end', async () => (await clusters()) === 0);
  });

  it('has shown no error', async () => {
    // How far it is with what is still under way is no error.
    const told = await window.notifications();
    const errors = told.filter((text) => !/workers of story are ready|^(Stopping everything|Closing)/.test(text));
    assert.deepEqual(errors, []);
    const [, ours = ''] = /\/Sitespan\.log\n(.*?)(?:\n── |$)/s.exec(await code.logs()) ?? [];
    assert.doesNotMatch(ours, /\[error\]/);
  });
});

async function textOf(path: string): Promise<string> {
  return execFileSync('sh', ['-c', 'cat "$1" 2>/dev/null || true', 'sh', path], { encoding: 'utf8' });
}
