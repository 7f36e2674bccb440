import assert from 'node:assert/strict';
import { sleep } from '../../../src/base/waiting.js';
import { Phases } from '../../../src/terminal/phases.js';
import { Screen } from '../../../src/terminal/screen.js';
import { TextOutput } from './textOutput.js';

describe('Phases', () => {
  function phases() {
    const output = new TextOutput(false);
    return { output, phases: new Phases(new Screen(output)) };
  }

  it('says how long each phase took, in one column, in the order they ended', () => {
    const { output, phases: all } = phases();
    all.note('data', 0.04);
    all.note('notebook, from the first worker asked for to the last cell', 1234.56);
    assert.equal(
      output.written,
      '     0.0 s  data\n  1234.6 s  notebook, from the first worker asked for to the last cell\n',
    );
    assert.deepEqual(all.all, [
      ['data', 0.04],
      ['notebook, from the first worker asked for to the last cell', 1234.56],
    ]);
  });

  it('times work, and gives what it gives', async () => {
    const { phases: all } = phases();
    const given = await all.run('cluster', async () => {
      await sleep(30);
      return 7;
    });
    assert.equal(given, 7);
    assert.deepEqual(
      all.all.map(([name]) => name),
      ['cluster'],
    );
    assert.ok((all.all[0]?.[1] ?? 0) >= 0.025);
    assert.ok(all.seconds >= (all.all[0]?.[1] ?? 0));
  });

  it('does not count a phase that failed', async () => {
    const { output, phases: all } = phases();
    const failure = new Error('no cluster');
    await assert.rejects(
      all.run('cluster', () => Promise.reject(failure)),
      failure,
    );
    assert.deepEqual([all.all, output.written], [[], '']);
  });
});
