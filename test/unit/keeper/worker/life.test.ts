import assert from 'node:assert/strict';
import { Life } from '../../../../src/keeper/worker/life.js';

describe('Life', () => {
  const life = () => {
    const made = new Life('north-1', 'main', 'north');
    made.reach({ phase: 'requested', at: 1, evidence: 'scaled to 1' });
    made.belongsTo('17');
    return made;
  };

  it('keeps each step with its time and what showed it', () => {
    const l = life();
    l.reach({ phase: 'waiting', at: 2, evidence: 'Waiting; Pilot agent submission' });
    assert.deepEqual(l.snapshot().steps, [
      { phase: 'requested', at: 1, evidence: 'scaled to 1' },
      { phase: 'waiting', at: 2, evidence: 'Waiting; Pilot agent submission' },
    ]);
  });

  it('does not go back when a witness reports late', () => {
    const l = life();
    assert.equal(l.reach({ phase: 'working', at: 5, evidence: 'registered' }), true);
    assert.equal(l.reach({ phase: 'matched', at: 6, evidence: 'Matched' }), false);
    assert.equal(l.phase, 'working');
  });

  it('never leaves its end', () => {
    const l = life();
    l.reach({ phase: 'ended', at: 9, evidence: 'killed' });
    assert.equal(l.reach({ phase: 'working', at: 10, evidence: 'heartbeat' }), false);
    assert.equal(l.ended, true);
  });

  it('takes a new name when its job starts again, and works again', () => {
    const l = life();
    l.reach({ phase: 'working', at: 5, evidence: 'registered' });
    l.startAgain('north-1_2', 7);
    assert.equal(l.subject, 'north-1_2');
    assert.equal(l.phase, 'starting');
    assert.equal(l.reach({ phase: 'working', at: 9, evidence: 'registered' }), true);
    assert.match(l.snapshot().warnings[0] ?? '', /Job 17 started again.*replaced north-1\./);
  });
});
