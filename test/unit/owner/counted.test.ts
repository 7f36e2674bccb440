import assert from 'node:assert/strict';
import { countCluster, countLives, sayWorkers, workersOfWished } from '../../../src/owner/counted.js';

describe('counted workers', () => {
  const pools = [
    {
      name: 'a',
      sites: ['north'],
      desired: 30,
      lives: { working: 24, waiting: 3, starting: 2, draining: 1, ended: 9 },
    },
    { name: 'b', sites: ['south'], desired: 2, lives: {} },
  ];

  it('are those that take tasks, of those wished for, over all pools', () => {
    assert.equal(workersOfWished(countCluster({ pools })), '24/32');
  });

  it('are said with those on their way, without those that have ended', () => {
    assert.equal(sayWorkers(countCluster({ pools })), '24/32 workers, 5 coming, 1 leaving');
    assert.equal(sayWorkers(countLives({ working: 2 }, 2)), '2/2 workers');
  });
});
