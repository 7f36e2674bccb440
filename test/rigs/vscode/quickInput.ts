import type { Locator, Page } from 'playwright-core';

/** The box at the top of VS Code: palette, picks, questions. */
export class QuickInput {
  constructor(private readonly page: Page) {}

  get box(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  get title(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-title');
  }

  /** What it says below a question: the prompt, or why an answer does not do. */
  get message(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-message');
  }

  /** Those whose label with description, or detail, has the text: as it is on the screen, since rows keep what others said, hidden. */
  item(text: string | RegExp): Locator {
    const seen = this.page.locator('.quick-input-list-row:visible, .quick-input-list-label-meta:visible', {
      hasText: text,
    });
    return this.page.locator('.quick-input-list .monaco-list-row', { has: seen });
  }

  /** What every item on the screen says, part by part. */
  async items(): Promise<string[]> {
    await this.item('').first().waitFor();
    return this.item('').allInnerTexts();
  }

  /** Waits until it asks under a title that has the text. */
  async asks(title: string | RegExp): Promise<void> {
    await this.page.locator('.quick-input-widget .quick-input-title', { hasText: title }).waitFor();
  }

  /** Takes the first item that has the text. */
  async pick(text: string | RegExp): Promise<void> {
    await this.take(this.item(text).first());
  }

  /** Takes an item, looking first: what it opens may lie under the mouse before the button is let go. */
  async take(item: Locator, timeoutMs?: number): Promise<void> {
    await item.click({ trial: true, ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) });
    await item.click({ force: true });
  }

  /** Switches the boxes of several items, and accepts. */
  async pickMany(...texts: readonly (string | RegExp)[]): Promise<void> {
    for (const text of texts) await this.item(text).first().locator('.monaco-checkbox').first().click();
    await this.page.locator('.quick-input-widget .quick-input-action .monaco-button', { hasText: 'OK' }).click();
  }

  /** Answers a question. */
  async answer(text: string): Promise<void> {
    await this.fill(text);
    await this.accept();
  }

  /** Types without accepting. */
  async fill(text: string): Promise<void> {
    await this.box.waitFor();
    await this.box.fill(text);
  }

  async accept(): Promise<void> {
    await this.page.keyboard.press('Enter');
  }

  /** Takes what stands there, once the list, which may still grow, has a row with the text. */
  async acceptWith(text: string | RegExp): Promise<void> {
    await this.item(text).first().waitFor();
    await this.accept();
  }

  /** Takes the step before. */
  async back(): Promise<void> {
    await this.page.locator('.quick-input-widget .codicon-quick-input-back').click();
  }

  async cancel(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.box.waitFor({ state: 'hidden' });
  }
}
