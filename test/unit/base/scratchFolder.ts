import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for each test of the `describe` it is called in; gone after it. */
export function scratchFolder(): () => string {
  let path = '';
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'sitespan-test-'));
  });
  // What a test has just ended may write its last line still.
  afterEach(() => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return () => path;
}
