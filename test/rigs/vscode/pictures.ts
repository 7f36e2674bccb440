import type { Context } from 'mocha';
import { VsCodeWindow } from './vsCodeWindow.js';

/** For mocha's `--require`: a picture of every window of VS Code when a test has failed, also when it is tried again. */
export const mochaHooks = {
  async afterEach(this: Context): Promise<void> {
    const test = this.currentTest;
    if (test === undefined || test.state === 'passed' || test.isPending()) return;
    await pictures(`failed ${test.fullTitle()}`);
  },
};

/** A picture of every open window. */
export async function pictures(name: string): Promise<void> {
  let number = 0;
  for (const window of VsCodeWindow.open) {
    number += 1;
    await window.screenshot(number === 1 ? name : `${name}-${number}`).catch(() => undefined);
  }
}
