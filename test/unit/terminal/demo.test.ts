import assert from 'node:assert/strict';
import { runDemo } from '../../../src/terminal/demo.js';

describe('runDemo', () => {
  for (const workers of ['0', '-1', '1.5', '129', 'many', '']) {
    it(`cannot run with ${JSON.stringify(workers)} workers`, async () => {
      await assert.rejects(runDemo([`--workers=${workers}`]), {
        code: 'usage',
        message: `--workers must be a number from 1 to 128, not ${workers}.`,
      });
    });
  }

  it('takes no option that it does not know, and no further word', async () => {
    await assert.rejects(runDemo(['--sites', 'north']), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
    await assert.rejects(runDemo(['ttbar']), { code: 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' });
  });
});
