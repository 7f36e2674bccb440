import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { until } from '../../src/base/waiting.js';
import { listClusters } from '../../src/keeper/clusters.js';
import { stopEverything } from '../../src/owner/stopEverything.js';
import { Home, python } from '../rigs/cluster/clusterRig.js';
import { shownIn } from '../rigs/terminal/notebooks.js';
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
  let work: string;
  let counted: string;
  before(async () => {
    home = await Home.make();
    work = join(home.folder, 'work');
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
  });
  after(async () => {
    await code?.close();
    await stopEverything();
    await home?.remove();
  });

  const soon = (what: string, condition: () => Promise<boolean>, timeoutMs = 90_000): Promise<void> =>
    until(condition, { timeoutMs, everyMs: 150, what });
  const picture = (stage: string): Promise<string> => code.window.screenshot(`story ${stage}`);
  const notebook = (): string => join(work, 'examples', 'agc-ttbar', 'ttbar.ipynb');
  const throughput = (): Promise<Frame> => code.window.webview('#page');
  async function total(term: string): Promise<string> {
    const frame = await throughput();
    const pair = frame.locator('.totals > div', { has: frame.locator('dt', { hasText: new RegExp(`^${term}$`) }) });
    return (await pair.locator('dd').textContent()) ?? '';
  }
  const clusterRow = (): Promise<string> =>
    code.window
      .row('toppair')
      .first()
      .getAttribute('aria-label')
      .then(String, () => '');

  it('begins with the walkthrough, which leads to a new cluster', async () => {
    await keys.command('Sitespan: Get Started');
    await code.page.getByText('Get Started with Sitespan').first().waitFor();
    await keys.goTo('Tab', /^Make a cluster/);
    await keys.press('Enter');
    await picture('1 walkthrough');
    // The page is drawn anew when a step has been opened, and takes the focus away from what was reached just before.
    await soon('The first question', async () => {
      await keys.goTo('Tab', /^New Cluster$/);
      await keys.press('Enter');
      const isAsked = async (): Promise<boolean> => (await keys.question()) !== undefined;
      return until(isAsked, { timeoutMs: 10_000, everyMs: 50, what: 'A question' }).then(
        () => true,
        () => false,
      );
    });
  });

  it('makes a cluster over two sites, each question with a good answer ready', async () => {
    await keys.answer(/At which sites/);
    await keys.answer(/How many workers/, '4');
    await keys.answer(/How many cores/, '1');
    await keys.answer(/How much memory/);
    await keys.answer(/How long/);
    await keys.answer(/Which Python/);
    await keys.answer(/What is it called/, 'toppair');
    await soon('What it asks for', async () => /4 jobs × 1 core/.test((await keys.question()) ?? ''));
    await picture('2 what it asks for');
    await keys.answer(/This asks for 4 jobs × 1 core/);
  });

  it('shows its workers as they come, at both sites', async () => {
    const seen: number[] = [];
    await soon('Four workers', async () => {
      const working = Number(/(\d)\/4 workers/.exec(await clusterRow())?.[1] ?? 0);
      if (working !== (seen.at(-1) ?? 0)) seen.push(working);
      return working === 4;
    });
    assert.deepEqual(seen, [...seen].sort());
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
    await keys.command('Sitespan: Open Example Notebook');
    await code.page.locator('.quick-input-title', { hasText: 'Where shall the example go?' }).waitFor();
    await picture('4 where the example goes');
    await keys.press('Enter');
    await code.window.editorTab('ttbar.ipynb').waitFor();
    await code.window.notebook.kernelLabel.waitFor();
    await keys.command('Notebook: Select Notebook Kernel');
    await keys.pickKernel('toppair');
    await code.page.locator('.kernel-label', { hasText: 'toppair' }).waitFor();
    await code.page.locator('.cell-status-item', { hasText: 'Connected to toppair, 4 workers' }).first().waitFor();
    await picture('5 the notebook on the cluster');
  });

  it('counts just the events that the analysis counted, while it runs', async () => {
    await keys.command('Sitespan: Show Throughput');
    await throughput();
    await keys.command('View: Focus First Editor Group');
    await keys.command('Notebook: Run All');
    await keys.press('Control+End');
    await soon('The first events', async () => /^[1-9]/.test(await total('Events').catch(() => '')));
    await picture('6 throughput moves');
    // Outputs off the screen are not in the page, so the saved file is asked.
    let said = '';
    const hasResult = async (): Promise<boolean> => {
      await keys.press('Control+S');
      said = Object.values(await shownIn(notebook())).join('\n');
      return /'events': \d+/.test(said);
    };
    // It may just be written.
    await soon('The result', () => hasResult().catch(() => false), 180_000);
    counted = Number(/'events': (\d+)/.exec(said)?.[1]).toLocaleString('en');
    assert.ok(said.includes(`${counted} events in`), said);
    await soon('The total', async () => (await total('Events')) === counted);
    await keys.press('Control+End');
    await code.window.notebook.outputs(/'events': \d+/);
    await picture('7 all has run');
  });

  it('gives two workers back', async () => {
    await keys.command('Sitespan: Scale Workers');
    await keys.answer(/Workers of toppair, pool main/, '2');
    await soon('Two workers', async () => /2\/2 workers/.test(await clusterRow()));
    await picture('8 scaled down');
  });

  it('shows the same after a reload, and the cluster has gone on', async () => {
    const saved = await shownIn(notebook());
    const before = await listClusters();
    await keys.command('Developer: Reload Window');
    await code.page.waitForEvent('load');
    await soon('The total', async () => (await total('Events').catch(() => '')) === counted);
    await code.page.locator('.cell-status-item', { hasText: 'Connected to toppair, 2 workers' }).first().waitFor();
    await soon('The row', async () => /2\/2 workers/.test(await clusterRow()));
    assert.deepEqual(await listClusters(), before);
    assert.deepEqual(await shownIn(notebook()), saved);
    await picture('9 after a reload');
  });

  it('can be read by those who do not see it', async () => {
    const frame = await throughput();
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
    await soon('Its end', async () => (await listClusters()).length === 0);
    await soon('The empty view', async () => (await clusterRow()) === '');
    await picture('10 closed');
    const logs = await code.logs();
    assert.match(logs, /ExtensionService#_doActivateExtension sitespan\.sitespan/);
    assert.deepEqual(
      // VS Code's own extension for notebooks has a listener that it is too slow for on a busy machine, and a view that is
      // being refreshed when its window reloads is cancelled.
      logs
        .split('\n')
        .filter((line) => /\[(warning|error|critical)\]/.test(line))
        .filter((line) => !/"vscode\.ipynb"|Unable to refresh tree view \S+ Canceled$/.test(line)),
      [],
    );
    await code.close();
    assert.deepEqual(await processesOf(home.folder), []);
  });
});

/** What axe-core finds serious in a part of a page. Rows are spoken in words where eyes see `ttbar 2/2`: that is meant. */
async function violations(page: Page | Frame, within: string): Promise<unknown> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(`axe.run(${JSON.stringify(within)}, { rules: { 'label-content-name-mismatch': { enabled: false } } }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary)]))`);
}
