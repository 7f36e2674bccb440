import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { Hindrances } from '../../../src/keeper/hindrances.js';

describe('Hindrances', () => {
  const down = new SitespanError('grid-unreachable', 'DIRAC did not answer.');
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/home/me/journal' });
  const messages = (of: Hindrances): string[] => of.problems.map(({ message }) => message);

  it('names the grid that is away, says what goes on, and takes it back when that is over', () => {
    const hindrances = new Hindrances();
    assert.equal(hindrances.take(down, 'gridpp'), true);
    assert.equal(hindrances.take(down, 'gridpp'), false);
    assert.deepEqual(hindrances.problems, [
      {
        code: 'grid-unreachable',
        message:
          'The grid gridpp cannot be used now: DIRAC did not answer. Workers that run there go on; more are asked for, or let go, when it is over.',
      },
    ]);
    assert.equal(hindrances.take(undefined, 'gridpp'), true);
    assert.deepEqual(hindrances.problems, []);
  });

  it('shows the trouble of each grid and of the cluster beside the others', () => {
    const hindrances = new Hindrances();
    hindrances.take(down, 'gridpp');
    hindrances.take(down, 'ilc');
    hindrances.take(new SitespanError('deadline', 'The scheduler was slow.'));
    assert.equal(hindrances.problems.length, 3);
    hindrances.take(undefined, 'gridpp');
    assert.match(messages(hindrances).join(' '), /^The grid ilc .* The scheduler was slow\.$/);
  });

  it('says once that the disk is full, whatever was done when it was found out', () => {
    const hindrances = new Hindrances();
    for (const grid of [undefined, 'local', 'gridpp']) hindrances.take(full, grid);
    assert.deepEqual(messages(hindrances), [
      'The cluster is held up: the disk of /home/me/journal on this computer is full; make room there and try again.',
    ]);
  });
});
