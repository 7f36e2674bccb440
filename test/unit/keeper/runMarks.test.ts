import assert from 'node:assert/strict';
import type { LifePhase } from '../../../src/keeper/api.js';
import { runMarks } from '../../../src/keeper/runMarks.js';
import { Life } from '../../../src/keeper/worker/life.js';

function life(name: string, ...steps: [LifePhase, number][]): Life {
  const one = new Life(name, 'main', 'north');
  for (const [phase, at] of steps) one.reach({ phase, at, evidence: '' });
  return one;
}

describe('runMarks', () => {
  it('tells who came, who was let go and who was lost, in the order of time', () => {
    const lives = [
      life('main-1', ['requested', 1], ['working', 10], ['ended', 30]),
      life('main-2', ['requested', 1], ['working', 12], ['draining', 20], ['ended', 25]),
    ];
    assert.deepEqual(
      runMarks(lives).map(({ at, kind, worker }) => [at, kind, worker]),
      [
        [10, 'join', 'main-1'],
        [12, 'join', 'main-2'],
        [20, 'drain', 'main-2'],
        [30, 'loss', 'main-1'],
      ],
    );
    assert.equal(runMarks(lives)[0]?.site, 'north');
  });

  it('does not tell of those that never came', () => {
    const waiting = life('main-1', ['requested', 1], ['waiting', 2], ['draining', 3], ['ended', 4]);
    assert.deepEqual(runMarks([waiting, life('main-2', ['requested', 1], ['ended', 2])]), []);
  });

  it('calls those let go that end with their cluster', () => {
    const lives = [10, 20].map((ended, index) => life(`main-${index}`, ['working', 1], ['ended', ended]));
    assert.deepEqual(
      runMarks(lives, 15).map(({ at, kind }) => [at, kind]),
      [
        [1, 'join'],
        [1, 'join'],
        [10, 'loss'],
        [20, 'drain'],
      ],
    );
  });

  it('tells the newest of very many', () => {
    const lives = Array.from({ length: 50 }, (_, index) => life(`main-${index}`, ['working', index]));
    assert.deepEqual(
      runMarks(lives, undefined, 3).map(({ at }) => at),
      [47, 48, 49],
    );
  });
});
