import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for each test of the `describe` it is called in; gone after it. */
export function scratchFolder(): () => string {
  let path = '';
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'sitespan-test-'));
  });
  afterEach(() => rm(path, { recursive: true, force: true }));
  return () => path;
}
