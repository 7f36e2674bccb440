import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { until } from '../../../src/base/waiting.js';
import { shownIn } from '../terminal/notebooks.js';
import type { Keys } from './keys.js';
import type { VsCode } from './openVsCode.js';

/** A window in which a person runs the example on a cluster, by the keyboard alone: what both stories do, and look at. */
export class AnalysisWindow {
  private readonly notebook: string;

  /** @param work the folder that is open in it */
  constructor(
    private readonly code: VsCode,
    private readonly keys: Keys,
    private readonly cluster: string,
    work: string,
  ) {
    this.notebook = join(work, 'examples', 'agc-ttbar', 'ttbar.ipynb');
  }

  /**
   * Opens a step of a walkthrough and presses Enter on its button until a question comes and has kept the focus: VS Code gives
   * that to the step once more a moment later, and the question takes it back.
   */
  async beginFrom(step: RegExp, button: RegExp): Promise<void> {
    await this.keys.goTo('Tab', step);
    await this.keys.press('Enter');
    await this.soon(`The question of ${button}`, async () => {
      await this.keys.goTo('Tab', button);
      await this.keys.press('Enter');
      let since: number | undefined;
      const isKept = async (): Promise<boolean> => {
        since = (await this.keys.question()) === undefined ? undefined : (since ?? Date.now());
        return since !== undefined && Date.now() - since > 1500;
      };
      return until(isKept, { timeoutMs: 10_000, everyMs: 50, what: 'A question' }).then(
        () => true,
        () => false,
      );
    });
  }

  /** What a screen reader says of the cluster's row; empty where it has none. */
  clusterRow(): Promise<string> {
    const row = this.code.window.row(this.cluster).first();
    return row.getAttribute('aria-label', { timeout: 5000 }).then(String, () => '');
  }

  /** Workers come one by one, and none goes. */
  async workersCome(count: number): Promise<void> {
    const seen: number[] = [];
    await this.soon(`${count} workers`, async () => {
      const working = Number(/(\d+)\/\d+ workers/.exec(await this.clusterRow())?.[1] ?? 0);
      if (working !== (seen.at(-1) ?? 0)) seen.push(working);
      return working === count;
    });
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
  }

  /** Opens the example with its data where it is offered, and takes the cluster as its kernel. */
  async openExample(workers: number): Promise<void> {
    const { keys, code } = this;
    await keys.command('Sitespan: Open Example Notebook');
    await code.page.locator('.quick-input-title', { hasText: 'Where shall the example go?' }).waitFor();
    await keys.press('Enter');
    await code.window.editorTab('ttbar.ipynb').waitFor();
    await code.window.notebook.kernelLabel.waitFor();
    await keys.command('Notebook: Select Notebook Kernel');
    await keys.pickKernel(this.cluster);
    await code.page.locator('.kernel-label', { hasText: this.cluster }).waitFor();
    await this.isConnected(workers);
  }

  async isConnected(workers: number): Promise<void> {
    const words = `Connected to ${this.cluster}, ${workers} workers`;
    await this.code.page.locator('.cell-status-item', { hasText: words }).first().waitFor();
  }

  /**
   * Runs all cells beside the throughput page until the saved file has the result.
   *
   * @param onMoving while the first events are counted
   * @returns the events that the analysis counted, as the page writes numbers
   */
  async runAll(onMoving: () => Promise<unknown>): Promise<string> {
    const { keys, code } = this;
    await keys.command('Sitespan: Show Throughput');
    await this.throughput();
    await keys.command('View: Focus First Editor Group');
    await keys.command('Notebook: Run All');
    await keys.press('Control+End');
    await this.soon('The first events', async () => /^[1-9]/.test(await this.total('Events')));
    await onMoving();
    // Outputs off the screen are not in the page, so the saved file is asked.
    let said = '';
    const hasResult = async (): Promise<boolean> => {
      await keys.press('Control+S');
      said = Object.values(await this.shown()).join('\n');
      return /'events': \d+/.test(said);
    };
    // It may just be written.
    await this.soon('The result', () => hasResult().catch(() => false), 180_000);
    const counted = Number(/'events': (\d+)/.exec(said)?.[1]).toLocaleString('en');
    assert.ok(said.includes(`${counted} events in`), said);
    await keys.press('Control+End');
    await code.window.notebook.outputs(/'events': \d+/);
    return counted;
  }

  /** What the saved notebook shows. */
  shown(): ReturnType<typeof shownIn> {
    return shownIn(this.notebook);
  }

  throughput(): Promise<Frame> {
    return this.code.window.webview('#page');
  }

  /** A number of the throughput page by its name; empty while it is not there. */
  async total(term: string): Promise<string> {
    const read = async (): Promise<string> => {
      const frame = await this.throughput();
      const pair = frame.locator('.totals > div', { has: frame.locator('dt', { hasText: new RegExp(`^${term}$`) }) });
      return (await pair.locator('dd').textContent()) ?? '';
    };
    return read().catch(() => '');
  }

  /** Lines of the window's logs that are warnings or worse, but for two of VS Code's own. */
  async warnings(): Promise<string[]> {
    const logs = await this.code.logs();
    assert.match(logs, /ExtensionService#_doActivateExtension sitespan\.sitespan/);
    // VS Code's own extension for notebooks has a listener that it is too slow for on a busy machine, and a view that is
    // being refreshed when its window reloads is cancelled.
    return logs
      .split('\n')
      .filter((line) => /\[(warning|error|critical)\]/.test(line))
      .filter((line) => !/"vscode\.ipynb"|Unable to refresh tree view \S+ Canceled$/.test(line));
  }

  soon(what: string, condition: () => Promise<boolean>, timeoutMs = 90_000): Promise<void> {
    return until(condition, { timeoutMs, everyMs: 150, what });
  }
}

/** What axe-core finds serious in a part of a page. Rows are spoken in words where eyes see `ttbar 2/2`: that is meant. */
export async function violations(page: Page | Frame, within: string): Promise<unknown> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(`axe.run(${JSON.stringify(within)}, { rules: { 'label-content-name-mismatch': { enabled: false } } }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary)]))`);
}
