import type { Frame, Locator, Page } from 'playwright-core';
import { until } from '../../../src/base/waiting.js';

const patienceMs = 90_000;
const brief = { timeout: 5000 };

/** A person without a mouse: everything is typed, and what has the focus is looked at before Enter is pressed. */
export class Keys {
  constructor(private readonly page: Page) {}

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Runs the command that the palette lists under exactly this title, by typing it. */
  async command(title: string): Promise<void> {
    const attempt = async (): Promise<boolean> => {
      await this.press('F1');
      await this.box.waitFor(brief);
      await this.type(`>${title}`);
      await this.goDownTo(new RegExp(`^${escaped(title)}…?$`, 'm'));
      await this.press('Enter');
      return true;
    };
    await until(
      () =>
        attempt().catch(async () => {
          await this.press('Escape');
          return false;
        }),
      { timeoutMs: patienceMs, what: `The command ${title}` },
    );
  }

  /** Waits for a question, and takes what stands there, or answers with a text. A box that has just opened may lose a key. */
  async answer(question: RegExp, text?: string): Promise<void> {
    const isAsked = async (): Promise<boolean> => question.test((await this.question()) ?? '');
    await this.soon(`The question ${question}`, isAsked);
    if (text !== undefined) await this.type(text);
    await this.soon(`The end of the question ${question}`, async () => {
      await this.press('Enter');
      const isOver = async (): Promise<boolean> => !(await isAsked());
      return until(isOver, { timeoutMs: 5000, everyMs: 50, what: 'Its end' }).then(
        () => true,
        () => false,
      );
    });
  }

  /** What is asked by the box that has the focus; nothing where none has. */
  async question(): Promise<string | undefined> {
    if (!(await this.box.isVisible())) return undefined;
    return (await this.box.getAttribute('placeholder', brief).catch(() => null)) ?? undefined;
  }

  /** Goes down a list until the row is chosen that has the text, and takes it. */
  async pick(text: string | RegExp): Promise<void> {
    await this.goDownTo(typeof text === 'string' ? new RegExp(escaped(text)) : text);
    await this.press('Enter');
  }

  /** Not before the list has it: what comes later moves what is chosen. */
  private async goDownTo(label: RegExp): Promise<void> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    const isThere = async (): Promise<boolean> => (await rows.allInnerTexts()).some((text) => label.test(text.trim()));
    await until(isThere, { timeoutMs: 10_000, everyMs: 50, what: `The choice ${label}` });
    const isChosen = async (): Promise<boolean> => {
      if (label.test((await this.chosen.innerText(brief)).trim())) return true;
      await this.press('ArrowDown');
      return false;
    };
    await until(() => isChosen().catch(() => false), { timeoutMs: 10_000, everyMs: 150, what: `The choice ${label}` });
  }

  /** Takes a kernel in the picker that is open, through the rows that stand before ours. */
  async pickKernel(name: string): Promise<void> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    for (const door of [/Select Another Kernel/, /^\W*Sitespan\s*$/]) {
      const row = rows.filter({ hasText: door }).first();
      if (!(await row.isVisible())) continue;
      await this.pick(door);
      await row.waitFor({ state: 'detached' });
      await rows.first().waitFor();
    }
    await this.pick(name);
  }

  /** Presses a key until something that says this has the focus. */
  async goTo(key: string, wanted: RegExp, frame: Page | Frame = this.page): Promise<void> {
    await this.soon(`The focus on ${wanted}`, async () => {
      if (wanted.test(await focused(frame))) return true;
      await this.press(key);
      return false;
    });
  }

  /** Answers a modal dialog by its button, which must be reached by Tab. @returns what it asked */
  async confirm(button: RegExp): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const asked = await dialog.innerText();
    await this.goTo('Tab', button);
    await this.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    return asked;
  }

  /** What a screen reader says of the row of a tree that has the focus. */
  async row(): Promise<string> {
    const row = this.page.locator('.sidebar .monaco-list:focus-within .monaco-list-row.focused').first();
    return (await row.getAttribute('aria-label', brief).catch(() => null)) ?? '';
  }

  /** Goes down a tree from its top to a row. */
  async goToRow(wanted: RegExp): Promise<void> {
    await this.press('Home');
    await this.soon(`The row ${wanted}`, async () => {
      if (wanted.test(await this.row())) return true;
      await this.press('ArrowDown');
      return false;
    });
  }

  private async type(text: string): Promise<void> {
    await this.press('Control+A');
    await this.page.keyboard.type(text);
    await this.soon(`The text ${text}`, async () => (await this.box.inputValue(brief)) === text);
  }

  private get box(): Locator {
    return this.page.locator('.quick-input-widget:focus-within input.input');
  }

  /** The row of a list that Enter takes. */
  private get chosen(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row.focused').first();
  }

  private soon(what: string, condition: () => Promise<boolean>): Promise<void> {
    return until(condition, { timeoutMs: patienceMs, everyMs: 100, what });
  }
}

/** What is said of the element that has the focus. */
async function focused(frame: Page | Frame): Promise<string> {
  const said: unknown = await frame.evaluate(
    "[document.activeElement?.getAttribute('aria-label'), document.activeElement?.innerText].filter(Boolean).join(' ')",
  );
  return typeof said === 'string' ? said.trim() : '';
}

/** A text as a pattern of itself. */
export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
