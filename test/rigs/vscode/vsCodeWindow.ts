import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { until } from '../../../src/base/waiting.js';
import { NotebookEditor } from './notebookEditor.js';
import { QuickInput } from './quickInput.js';

/** Long enough for a machine that is busy with something else, too. */
const patienceMs = 45_000;
const openMs = 90_000;

/** A window of VS Code, used as a person does. What it returns as a Locator waits by itself. */
export class VsCodeWindow {
  /** Those that are open in this process, for pictures of them when a test fails. */
  static readonly open = new Set<VsCodeWindow>();
  readonly quickInput: QuickInput;
  readonly notebook: NotebookEditor;

  private constructor(
    readonly page: Page,
    private readonly hasDriver: boolean,
  ) {
    this.quickInput = new QuickInput(page);
    this.notebook = new NotebookEditor(page, this.quickInput);
    page.setDefaultTimeout(patienceMs);
    VsCodeWindow.open.add(this);
    page.once('close', () => VsCodeWindow.open.delete(this));
  }

  /** Loads the workbench into an empty page. `ready` is what the extension shows when VS Code knows it. */
  static async load(page: Page, url: string, hasDriver: boolean, ready: string | undefined): Promise<VsCodeWindow> {
    const window = new VsCodeWindow(page, hasDriver);
    await page.goto(url, { timeout: openMs });
    await window.settled(ready);
    return window;
  }

  /** "Restored" comes before the extensions are known: a notebook would then open as text. */
  async settled(ready: string | undefined): Promise<void> {
    if (this.hasDriver) {
      await this.page.waitForFunction('!!globalThis.driver?.whenWorkbenchRestored', undefined, { timeout: openMs });
      await this.page.evaluate('globalThis.driver.whenWorkbenchRestored()');
    }
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: openMs });
    if (ready !== undefined) await this.page.locator(ready).first().waitFor({ timeout: openMs });
  }

  /** Runs the command that the palette lists under exactly this title, e.g. `Sitespan: New Cluster…`. */
  async runCommand(title: string): Promise<void> {
    const label = this.page.locator('.label-name', { hasText: new RegExp(`^${escaped(title)}(…|\\.\\.\\.)?$`) });
    await this.choose('F1', `>${title}`, this.quickInput.item('').filter({ has: label }));
  }

  /** A box that is just closing takes no text, and a key that comes then is lost: so again, until the item is taken. */
  private async choose(key: string, text: string, item: Locator): Promise<void> {
    const brief = { timeout: 3000 };
    const attempt = async (): Promise<boolean> => {
      await this.page.keyboard.press(key);
      await this.quickInput.box.fill(text, brief);
      await this.quickInput.take(item.first(), brief.timeout);
      return true;
    };
    await until(() => attempt().catch(() => false), { timeoutMs: patienceMs, what: `The item for ${text}` });
  }

  /** Shows a view container of the activity bar. A badge covers the middle of its icon: the click goes to the corner. */
  async openView(name: string): Promise<void> {
    const icon = this.page.locator(`.activitybar .action-item:has(a.action-label[aria-label^="${name}"])`);
    if ((await icon.getAttribute('aria-selected')) === 'true' || (await this.isViewOpen(name))) return;
    await icon.click({ position: { x: 6, y: 6 } });
    await this.page.locator('.sidebar .composite.title', { hasText: new RegExp(name, 'i') }).waitFor();
  }

  private isViewOpen(name: string): Promise<boolean> {
    return this.page.locator('.sidebar .composite.title', { hasText: new RegExp(name, 'i') }).isVisible();
  }

  /** Rows of the side bar's trees that have the text. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.sidebar .monaco-list-row', { hasText: text });
  }

  /** Waits until a screen reader hears that of a row, which has it all in words. */
  async rowSays(row: string | RegExp, words: RegExp, timeoutMs = openMs): Promise<void> {
    let heard = '';
    await until(
      async () => {
        const label = this.row(row).first().getAttribute('aria-label', { timeout: 500 });
        heard = String(await label.catch(() => 'is not there'));
        return words.test(heard);
      },
      { timeoutMs, everyMs: 200, what: `The row ${row} saying ${words}` },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)} It says: ${heard}`);
    });
  }

  /** What every row on the screen says. */
  rows(): Promise<string[]> {
    return this.row('').allInnerTexts();
  }

  /** Opens a row of a tree until one below it shows. A tree may still be settling: its state is asked, not clicks counted. */
  async expand(text: string | RegExp, child: string | RegExp): Promise<void> {
    await until(
      async () => {
        if (await this.row(child).first().isVisible()) return true;
        const row = this.row(text).first();
        if ((await row.getAttribute('aria-expanded')) === 'false') {
          await row.click();
          await this.page.waitForTimeout(200);
          if ((await row.getAttribute('aria-expanded')) === 'false') await this.page.keyboard.press('ArrowRight');
        }
        return false;
      },
      { timeoutMs: patienceMs, everyMs: 300, what: `The row ${child} below ${text}` },
    );
  }

  /** Presses a button that a row shows while the mouse is over it. */
  async inlineAction(row: Locator, label: string): Promise<void> {
    await row.first().hover();
    await row.first().locator(`.actions a[aria-label^="${label}"]`).click();
  }

  /** Takes an entry of a context menu. */
  async contextMenu(target: Locator, entry: string): Promise<void> {
    await target.first().click({ button: 'right' });
    await this.takeMenuEntry(entry);
  }

  /** Takes an entry of the menu that is open. A menu that has just opened does not hear the mouse: so until it has closed. */
  async takeMenuEntry(text: string): Promise<void> {
    const entry = this.menuEntry(text);
    await entry.waitFor();
    await until(
      async () => {
        await entry.click({ timeout: 1000 }).catch(() => undefined);
        return !(await entry.isVisible());
      },
      { timeoutMs: patienceMs, everyMs: 150, what: `The end of the menu with ${text}` },
    );
  }

  menuEntry(text: string): Locator {
    return this.page.locator('.monaco-menu .action-item:not(.disabled)', {
      has: this.page.locator('.action-label', { hasText: new RegExp(`^${escaped(text)}(…|\\.\\.\\.)?$`) }),
    });
  }

  /** @returns what shows when the mouse stays on something */
  async hover(target: Locator): Promise<string> {
    // From elsewhere: a mouse that is there already does not enter.
    await this.page.mouse.move(1, 1);
    await target.first().hover();
    const card = this.page.locator('.monaco-hover:not(.hidden), .workbench-hover').last();
    await card.waitFor();
    return card.innerText();
  }

  /** Items of the status bar that have the text. */
  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** A message, as a toast or, under the driver, which shows none, in the notification centre. */
  async notification(text: string | RegExp, timeoutMs = patienceMs): Promise<Locator> {
    const item = this.page.locator('.notification-list-item', { hasText: text }).first();
    await until(
      async () => {
        if (await item.isVisible()) return true;
        if (this.hasDriver && !(await this.page.locator('.notifications-center.visible').isVisible())) {
          await this.page
            .locator('[id="status.notifications"]')
            .click({ timeout: 1000 })
            .catch(() => undefined);
        }
        return false;
      },
      { timeoutMs, everyMs: 150, what: `The notification ${text}` },
    );
    return item;
  }

  /** What all messages say that have not been cleared. */
  async notifications(): Promise<string[]> {
    const centre = this.page.locator('.notifications-center.visible');
    const bell = this.page.locator('[id="status.notifications"]');
    if (!(await centre.isVisible())) await bell.click();
    await centre.waitFor();
    const messages = await centre.locator('.notification-list-item-message').allInnerTexts();
    await bell.click();
    await centre.waitFor({ state: 'detached' });
    return messages;
  }

  async clearNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
    await until(async () => (await this.notifications()).length === 0, {
      ...{ timeoutMs: patienceMs, everyMs: 200, what: 'The end of all notifications' },
    });
  }

  /** The text of a modal dialog, after its button is pressed. */
  async answerDialog(button: string): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const text = await dialog.innerText();
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    return text;
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.choose('Control+P', name, this.quickInput.item(name));
    await this.editorTab(name).waitFor();
  }

  editorTab(name: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: name });
  }

  /** The text of the editor at work, as far as it is on the screen. */
  async editorText(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first();
    await lines.waitFor();
    return (await lines.innerText()).replaceAll('\u00a0', ' ');
  }

  /** The document that an extension has put into a webview, found by something in it. */
  async webview(selector: string, timeoutMs = patienceMs): Promise<Frame> {
    let found: Frame | undefined;
    await until(
      async () => {
        for (const frame of this.page.frames()) {
          if (!frame.url().includes('fake.html')) continue;
          const isIt = await frame
            .locator(selector)
            .first()
            .isVisible()
            .catch(() => false);
          if (isIt) found = frame;
        }
        return found !== undefined;
      },
      { timeoutMs, everyMs: 100, what: `A webview with ${selector}` },
    );
    if (found === undefined) throw new Error('until has waited for it');
    return found;
  }

  /** Reloads the window; what runs on the other side of it goes on. */
  async reload(ready?: string): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: openMs });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.settled(ready);
  }

  /** @returns where the picture is: in SITESPAN_SHOTS, else in /tmp/sitespan-shots */
  async screenshot(name: string): Promise<string> {
    const folder = process.env['SITESPAN_SHOTS'] || join(tmpdir(), 'sitespan-shots');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name.replace(/[^\w.-]+/g, '-').slice(0, 120)}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
