import type { Frame, Locator, Page } from 'playwright-core';
import { until } from '../../../src/base/waiting.js';
import type { QuickInput } from './quickInput.js';

const patienceMs = 90_000;

/** The notebook that is open in a window, used as a person does. */
export class NotebookEditor {
  constructor(
    private readonly page: Page,
    private readonly quickInput: QuickInput,
  ) {}

  private get editor(): Locator {
    return this.page.locator('.notebookOverlay').first();
  }

  /** Which kernel the notebook says it has. */
  get kernelLabel(): Locator {
    return this.page.locator('.kernel-label').first();
  }

  /** Cells on the screen whose source has the text. VS Code draws no others: see `reveal`. */
  cell(text: string | RegExp): Locator {
    return this.editor.locator('.cell-list-container .monaco-list-row', { hasText: text });
  }

  /** The labels, descriptions and details of all kernels that can be picked; the picker stays open. */
  async kernels(extension = 'Sitespan'): Promise<string[]> {
    await this.openKernelPicker(extension);
    return this.quickInput.items();
  }

  /** Picks a kernel by something of its label. */
  async pickKernel(text: string, extension = 'Sitespan'): Promise<void> {
    await this.openKernelPicker(extension);
    await this.quickInput.pick(text);
    await this.page.locator('.kernel-label', { hasText: text }).first().waitFor();
  }

  /** With no kernel but ours the picker first shows the extension's row alone; with one picked before, `Select Another`. */
  private async openKernelPicker(extension: string): Promise<void> {
    await this.kernelLabel.waitFor();
    await this.kernelLabel.click();
    // What a row says on the screen: its text has more, which is hidden.
    const doors = [/^Select Another Kernel/, new RegExp(`^\\W*${extension}$`)];
    const rows = this.quickInput.item('');
    const said = async (): Promise<string[]> => (await rows.allInnerTexts()).map((text) => text.trim());
    await until(
      async () => {
        const texts = await said();
        const at = texts.findIndex((text) => doors.some((door) => door.test(text)));
        // While VS Code looks for kernels there is a row that says so.
        if (at < 0) return texts.length > 0 && !texts.some((text) => /^Detecting/.test(text));
        await rows.nth(at).click();
        const isThrough = async (): Promise<boolean> => (await said()).join() !== texts.join();
        await until(isThrough, { timeoutMs: 10_000, everyMs: 50, what: `What is behind ${texts[at]}` });
        return false;
      },
      { timeoutMs: patienceMs, everyMs: 150, what: `The kernels of ${extension}` },
    );
  }

  async runAll(): Promise<void> {
    await this.page.locator('.notebook-toolbar-container .action-item', { hasText: 'Run All' }).first().click();
  }

  /** Presses the button beside a cell: run, or interrupt where it runs. */
  async runCell(text: string | RegExp): Promise<void> {
    const cell = await this.reveal(text);
    await cell.hover({ position: { x: 300, y: 12 } });
    await cell.locator('.run-button-container .action-label').first().click();
  }

  /** Scrolls until a cell is on the screen. */
  async reveal(text: string | RegExp): Promise<Locator> {
    const cell = this.cell(text).first();
    const list = this.editor.locator('.cell-list-container').first();
    await list.waitFor();
    const box = await list.boundingBox();
    if (box === null) throw new Error('The notebook is not on the screen.');
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    // Down in steps and from the top again, each time for longer: what is drawn late on a busy machine was passed by.
    let left = 0;
    let round = 10;
    await until(
      async () => {
        const at = (await cell.count()) > 0 ? await cell.boundingBox() : null;
        if (at !== null && at.y >= box.y && at.y < box.y + box.height * 0.7) return true;
        await this.page.mouse.wheel(0, left === 0 ? -1_000_000 : box.height * 0.4);
        if (left === 0) round *= 2;
        left = left === 0 ? round : left - 1;
        return false;
      },
      { timeoutMs: patienceMs, everyMs: 120, what: `The cell ${text}` },
    );
    return cell;
  }

  /** The document of all outputs of the notebook, found by what they say. */
  async outputs(wanted: string | RegExp, timeoutMs = patienceMs): Promise<Frame> {
    let found: Frame | undefined;
    await until(
      async () => {
        for (const frame of this.page.frames()) {
          if (!frame.url().includes('fake.html')) continue;
          const text = await textOf(frame);
          if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) found = frame;
        }
        return found !== undefined;
      },
      { timeoutMs, everyMs: 100, what: `The output ${wanted}` },
    );
    if (found === undefined) throw new Error('until has waited for it');
    return found;
  }

  /** What all outputs say that are drawn now; nothing where there is none. */
  async outputText(): Promise<string> {
    const frames = this.page.frames().filter((frame) => frame.url().includes('fake.html'));
    return (await Promise.all(frames.map(textOf))).join('\n');
  }

  /** How many cells on the screen show that they run. */
  running(): Promise<number> {
    return this.editor.locator('.codicon-notebook-state-executing').count();
  }

  /** How many cells on the screen show that they wait for their turn. */
  pending(): Promise<number> {
    return this.editor.locator('.codicon-notebook-state-pending').count();
  }

  /** What stands in brackets beside the cells on the screen, e.g. `[1]`. */
  async executionCounts(): Promise<string[]> {
    const labels = await this.editor.locator('.execution-count-label').allInnerTexts();
    return labels.map((label) => label.trim());
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
    await this.page.locator('.tabs-container .tab.active.dirty').waitFor({ state: 'detached' });
  }
}

/** A frame that is going away says nothing. */
async function textOf(frame: Frame): Promise<string> {
  const text: unknown = await frame.evaluate('document.body.innerText').catch(() => '');
  return typeof text === 'string' ? text : '';
}
