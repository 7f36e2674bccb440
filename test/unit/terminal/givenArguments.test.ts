import assert from 'node:assert/strict';
import { GivenArguments } from '../../../src/terminal/givenArguments.js';

describe('GivenArguments', () => {
  const help = {
    summary: 'mow the lawn',
    usage: 'LAWN [--height N] [--edge SIDE]… [--dry]',
    options: [
      { flag: '--height', short: '-h', value: 'N', help: 'how high' },
      { flag: '--edge', value: 'SIDE', many: true, help: 'and an edge' },
      { flag: '--dry', help: 'only when it is dry' },
    ],
    examples: [],
  };
  const read = (...argv: string[]) => GivenArguments.read('mow', help, argv);

  it('are read as the help says', () => {
    const given = read('front', '-h', '3', '--edge', 'north', '--edge=south', '--dry');
    assert.deepEqual(given.exactly(1), ['front']);
    assert.equal(given.text('--height'), '3');
    assert.deepEqual(given.all('--edge'), ['north', 'south']);
    assert.equal(given.has('--dry'), true);
  });

  it('that were not given are absent', () => {
    const given = read('front');
    assert.deepEqual([given.text('--height'), given.all('--edge'), given.has('--dry')], [undefined, [], false]);
  });

  it('that the help does not know are asked wrongly, and it says how it is', () => {
    const usage = { code: 'usage', message: /It is: sitespan mow LAWN \[--height N\]/ };
    assert.throws(() => read('--speed', '3'), usage);
    assert.throws(() => read('--height'), usage);
    assert.throws(() => read('front', 'back').exactly(1), usage);
    assert.throws(() => read().exactly(1), usage);
  });
});
