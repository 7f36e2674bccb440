// A mocha root hook, for `--require`: a picture of every window of VS Code when a test has failed, also when it is tried again.
import type { Context } from 'mocha';
import { pictures } from './openVsCode.js';

export const mochaHooks = {
  async afterEach(this: Context): Promise<void> {
    const test = this.currentTest;
    if (test === undefined || test.state === 'passed' || test.isPending()) return;
    await pictures(`failed ${test.fullTitle()}`);
  },
};
