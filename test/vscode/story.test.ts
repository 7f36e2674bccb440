import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listClusters } from '../../src/keeper/clusters.js';
import { stopEverything } from '../../src/owner/stopEverything.js';
import { Home, python } from '../rigs/cluster/clusterRig.js';
import { AnalysisWindow, violations } from '../rigs/vscode/analysisWindow.js';
import { processesOf } from '../rigs/vscode/endProcesses.js';
import { Keys } from '../rigs/vscode/keys.js';
import { installPackage } from '../rigs/vscode/manageExtensions.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';

/** What a person does with it, from the first minute to the last, in the installed package, by the keyboard alone. */
describe('A first analysis, by keyboard', function () {
  // Each stage needs the one before.
  this.retries(0).bail(true);
  this.timeout(240_000);
  let home: Home;
  let code: VsCode;
  let keys: Keys;
  let analysis: AnalysisWindow;
  let counted: string;
  before(async () => {
    home = await Home.make();
    const work = join(home.folder, 'work');
    await mkdir(work);
    await installPackage(home.folder);
    code = await openVsCode({
      home,
      workspace: work,
      installed: join(home.folder, 'extensions'),
      // Few events a task, so that there is a curve to see.
      env: { AGC_CHUNKSIZE: '4000' },
      // To VS Code this is a remote, and these are settings of a computer.
      machineSettings: { 'sitespan.environment': python, 'sitespan.localSites': { north: 2, south: 2 } },
    });
    keys = new Keys(code.page);
    analysis = new AnalysisWindow(code, keys, 'toppair', work);
  });
  after(async () => {
    await code?.close();
    await stopEverything();
    await home?.remove();
  });

  const picture = (stage: string): Promise<string> => code.window.screenshot(`story ${stage}`);

  it('begins with the walkthrough, which leads to a new cluster', async () => {
    await keys.command('Sitespan: Get Started');
    await code.page.getByText('Get Started with Sitespan').first().waitFor();
    await picture('1 walkthrough');
    await analysis.beginFrom(/^Make a cluster/, /^New Cluster$/);
  });

  it('makes a cluster over two sites, each question with a good answer ready', async () => {
    await keys.answer(/At which sites/);
    await keys.answer(/How many workers/, '4');
    await keys.answer(/How many cores/, '1');
    await keys.answer(/How much memory/);
    await keys.answer(/How long/);
    await keys.answer(/Which Python/);
    await keys.answer(/What is it called/, 'toppair');
    await analysis.soon('What it asks for', async () => /4 jobs × 1 core/.test((await keys.question()) ?? ''));
    await picture('2 what it asks for');
    await keys.answer(/This asks for 4 jobs × 1 core/);
  });

  it('shows its workers as they come, at both sites', async () => {
    await analysis.workersCome(4);
    await keys.command('Sitespan: Focus on Clusters View');
    await keys.goToRow(/^Cluster toppair/);
    await keys.press('ArrowRight');
    await keys.goToRow(/^Pool main, 4\/4 workers/);
    await keys.press('ArrowRight');
    const sites: string[] = [];
    for (const worker of ['main-1', 'main-2', 'main-3', 'main-4']) {
      await keys.goToRow(new RegExp(`^Worker ${worker} at (north|south): takes tasks`));
      sites.push(/ at (\w+)/.exec(await keys.row())?.[1] ?? '');
    }
    assert.deepEqual(sites.sort(), ['north', 'north', 'south', 'south']);
    await picture('3 workers');
  });

  it('opens the example with its data, and takes the cluster as its kernel', async () => {
    await analysis.openExample(4);
    await picture('4 the notebook on the cluster');
  });

  it('counts just the events that the analysis counted, while it runs', async () => {
    counted = await analysis.runAll(() => picture('5 throughput moves'));
    await analysis.soon('The total', async () => (await analysis.total('Events')) === counted);
    await picture('6 all has run');
  });

  it('gives two workers back', async () => {
    await keys.command('Sitespan: Scale Workers');
    await keys.answer(/Workers of toppair, pool main/, '2');
    await analysis.soon('Two workers', async () => /2\/2 workers/.test(await analysis.clusterRow()));
    await picture('7 scaled down');
  });

  it('shows the same after a reload, and the cluster has gone on', async () => {
    const saved = await analysis.shown();
    const before = await listClusters();
    await keys.command('Developer: Reload Window');
    await code.page.waitForEvent('load');
    await analysis.soon('The total', async () => (await analysis.total('Events')) === counted);
    await analysis.isConnected(2);
    await analysis.soon('The row', async () => /2\/2 workers/.test(await analysis.clusterRow()));
    assert.deepEqual(await listClusters(), before);
    assert.deepEqual(await analysis.shown(), saved);
    await picture('8 after a reload');
  });

  it('can be read by those who do not see it', async () => {
    const frame = await analysis.throughput();
    for (const [where, within] of [
      [code.page, '.sidebar'],
      [frame, '#page'],
    ] as const) {
      assert.deepEqual(await violations(where, within), []);
    }
  });

  it('closes the cluster, and nothing of ours is left', async () => {
    await keys.command('Sitespan: Close Cluster');
    assert.match(await keys.confirm(/^Close$/), /Close the cluster toppair/);
    await analysis.soon('Its end', async () => (await listClusters()).length === 0);
    await analysis.soon('The empty view', async () => (await analysis.clusterRow()) === '');
    await picture('9 closed');
    assert.deepEqual(await analysis.warnings(), []);
    await code.close();
    assert.deepEqual(await processesOf(home.folder), []);
  });
});
