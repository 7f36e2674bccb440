import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cliPage } from '../../../src/terminal/cliPage.js';
import { commands } from '../../../src/terminal/commands.js';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md');

describe('docs/cli.md', () => {
  it('is what the commands say of themselves (SITESPAN_WRITE_DOCS=1 writes it)', async () => {
    const written = cliPage(commands);
    if (process.env['SITESPAN_WRITE_DOCS'] === '1') await writeFile(page, written);
    assert.equal(await readFile(page, 'utf8'), written);
  });
});
