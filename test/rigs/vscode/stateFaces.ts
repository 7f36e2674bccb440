import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { until } from '../../../src/base/waiting.js';
import { type Face, type StateId, stateOf } from '../../../src/editor/states.js';
import { escaped } from './keys.js';
import type { VsCodeWindow } from './vsCodeWindow.js';

/** What is brought about may take its time: a relay is missed after some seconds, and the machine has other things to do. */
const patience = { timeoutMs: 120_000, everyMs: 200 };

/** A screen reader's words for the tones. */
const tones = { plain: '', waiting: 'Waiting: ', warning: 'Warning: ', error: 'Error: ' };

/** A state as it is expected: which one, and the exact words of whoever knows it, a keeper or an error. */
export interface Expected {
  readonly cluster: string;
  readonly state: StateId;
  readonly words: RegExp;
}

/** The faces of a window, asked for what they say of a cluster's state: sentence and action (docs/states.md). */
export class StateFaces {
  /** @param window with our view, and a notebook at work that may be put on any cluster */
  constructor(private readonly window: VsCodeWindow) {}

  /** Every face that the table names, but messages: those answer to something that is asked. @returns the faces asked */
  async say(expected: Expected): Promise<readonly Face[]> {
    const { faces } = stateOf(expected.state);
    if (faces.includes('notebook')) await this.inNotebook(expected);
    if (faces.includes('tree')) await this.inTree(expected);
    if (faces.includes('panel')) await this.inPanel(expected);
    if (faces.includes('status bar')) await this.inStatusBar(expected);
    return faces;
  }

  /** The cluster's row, and the row below it that says so and does what helps. */
  async inTree({ cluster, state, words }: Expected): Promise<void> {
    await this.window.rowSays(new RegExp(`^${cluster}`), words, patience.timeoutMs);
    await this.rowBelow(state, words);
  }

  /** The row of a trouble, wherever it is in the trees. */
  async rowBelow(state: StateId, words: RegExp): Promise<void> {
    const { tone, action } = stateOf(state);
    const end = action === undefined ? '' : ` ${escaped(action.label)}`;
    const said = new RegExp(`^${tones[tone]}.*(${words.source}).*${end}$`, `s${words.flags}`);
    await this.window.rowSays(words, said, patience.timeoutMs);
  }

  /** The cluster's row in the kernel picker, which has the exact words; then the line under the cells. */
  async inNotebook({ cluster, state, words }: Expected): Promise<void> {
    const { notebook, quickInput } = this.window;
    await until(
      async () => {
        const kernel = (await notebook.kernels()).find((item) => item.includes(cluster)) ?? '';
        if (words.test(kernel)) return true;
        await quickInput.cancel();
        return false;
      },
      { ...patience, what: `The kernel ${cluster} saying ${words}` },
    );
    await quickInput.pick(cluster);
    await this.line(`${cluster}: ${stateOf(state).sentence}`).waitFor({ timeout: patience.timeoutMs });
  }

  /** What stands under the cells. */
  line(text: string): Locator {
    return this.window.page.locator('.cell-status-item', { hasText: text }).first();
  }

  /** The page of its throughput. */
  async inPanel({ cluster, state, words }: Expected): Promise<void> {
    await this.window.contextMenu(this.window.row(new RegExp(`^${cluster}`)), 'Show Throughput');
    await this.panelSays(state, words);
  }

  /** The page of throughput that is shown already. */
  async panelSays(state: StateId, words: RegExp): Promise<void> {
    const page = await this.window.webview('#page');
    await page.getByText(words).first().waitFor({ timeout: patience.timeoutMs });
    const { action } = stateOf(state);
    if (action !== undefined) await page.getByRole('button', { name: action.label }).waitFor();
  }

  /** The cluster must be at work in this window, by its notebook or its page. */
  async inStatusBar({ cluster, state, words }: Expected): Promise<void> {
    const item = this.window.page.locator('.statusbar-item [role="button"]', { hasText: cluster }).first();
    let heard = '';
    await until(
      async () => {
        heard = (await item.getAttribute('aria-label', { timeout: 500 }).catch(() => null)) ?? '';
        return words.test(heard);
      },
      { ...patience, what: `The status bar saying ${words}` },
    ).catch((error: unknown) => assert.fail(`${String(error)} It says: ${heard}`));
    const { action } = stateOf(state);
    if (action === undefined) return;
    const offers = async (): Promise<boolean> => (await this.window.hover(item)).includes(action.label);
    await until(() => offers().catch(() => false), { ...patience, what: `The status bar offering ${action.label}` });
  }

  /** A message that answers to what was just asked. */
  async inMessage({ state, words }: Pick<Expected, 'state' | 'words'>): Promise<void> {
    const said = await this.window.notification(words, patience.timeoutMs);
    const { action } = stateOf(state);
    if (action !== undefined) await said.getByRole('button', { name: action.label }).waitFor();
    await this.window.clearNotifications();
  }
}
