import assert from 'node:assert/strict';
import { runBench } from '../../../src/bench/main.js';

describe('runBench', () => {
  it('says what there is when it is asked for something else', async () => {
    await assert.rejects(runBench(['weather']), { code: 'usage', message: /transport.*\n.*sequence.*\n.*counters/ });
    await assert.rejects(runBench([]), { code: 'usage' });
  });

  it('refuses numbers that are none before it starts anything', async () => {
    await assert.rejects(runBench(['transport', '--rounds', 'some']), { code: 'usage', message: /--rounds/ });
    await assert.rejects(runBench(['sequence', '--messages', '0']), { code: 'usage', message: /messages/ });
  });
});
