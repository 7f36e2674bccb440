// For mocha's --require: of a whole run, no secret may turn up in any process's arguments or environment.
import assert from 'node:assert/strict';
import { ProcessWatch } from './processWatch.js';
import { knownSecrets } from './secretWatch.js';

let watch: ProcessWatch | undefined;

export const mochaHooks = {
  beforeAll(): void {
    watch = new ProcessWatch();
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(120_000);
    await watch?.stop();
    assert.deepEqual(watch?.leaks(knownSecrets), [], 'secrets in arguments or environments of processes');
  },
};
