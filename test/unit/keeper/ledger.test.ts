import assert from 'node:assert/strict';
import type { Fact } from '../../../src/keeper/fact.js';
import { Ledger } from '../../../src/keeper/ledger.js';

const pool = {
  name: 'main',
  grid: 'local',
  sites: ['north'],
  cores: 1,
  memoryMb: 0,
  walltimeSeconds: 3600,
  python: '/usr/bin/python3',
  resources: {},
} as const;
const begun: Fact[] = [
  { is: 'pool', at: 1, pool: { ...pool, sites: [...pool.sites] } },
  { is: 'scale', at: 2, pool: 'main', workers: 2 },
  {
    is: 'intent',
    at: 3,
    mark: 'm1',
    pool: 'main',
    site: 'north',
    lives: ['main-1', 'main-2'],
    token: 't1',
    expires: 99,
  },
];
const submitted: Fact = { is: 'submitted', at: 4, mark: 'm1', jobs: ['17', '18'] };
const enrolled = (subject: string, at = 5): Fact => ({
  is: 'enrolled',
  at,
  life: 'main-1',
  subject,
  evidence: 'node7, pid 12',
  warnings: [],
});

function ledger(...facts: Fact[]): Ledger {
  const made = new Ledger();
  for (const fact of facts) made.apply(fact);
  return made;
}

describe('Ledger', () => {
  it('knows pools, lives and jobs from the facts alone', () => {
    const l = ledger(...begun, submitted);
    assert.equal(l.pool('main')?.desired, 2);
    const bulk = l.bulkOfToken('t1');
    assert.equal(bulk && l.lifeOfJob(bulk, '18')?.name, 'main-2');
    assert.equal(l.life('main-1')?.phase, 'submitted');
  });

  it('names the bulks that a killed keeper left between asking and answer', () => {
    assert.deepEqual(
      ledger(...begun).unanswered.map((bulk) => bulk.mark),
      ['m1'],
    );
    assert.deepEqual(ledger(...begun, submitted).unanswered, []);
    assert.deepEqual(ledger(...begun, { is: 'refused', at: 4, mark: 'm1', why: 'no proxy' }).unanswered, []);
  });

  it('ends the lives of a bulk that the grid refused, with its words', () => {
    const l = ledger(...begun, { is: 'refused', at: 4, mark: 'm1', why: 'north: no slots for this group' });
    assert.equal(l.life('main-2')?.snapshot().steps.at(-1)?.evidence, 'north: no slots for this group');
  });

  it('ends a life for which the grid made no job', () => {
    const l = ledger(...begun, { ...submitted, jobs: ['17'] });
    assert.equal(l.life('main-1')?.ended, false);
    assert.equal(l.life('main-2')?.ended, true);
  });

  it('revokes the predecessor when a job starts again', () => {
    const l = ledger(...begun, submitted, enrolled('main-1'), enrolled('main-1_2', 8));
    assert.deepEqual(l.revoked, ['main-1']);
    assert.equal(l.life('main-1')?.subject, 'main-1_2');
    assert.equal(l.life('main-1')?.phase, 'enrolled');
  });

  it('revokes the credential of a life that ended', () => {
    const l = ledger(...begun, submitted, enrolled('main-1'), {
      is: 'life',
      at: 9,
      life: 'main-1',
      phase: 'ended',
      evidence: 'killed',
    });
    assert.deepEqual(l.revoked, ['main-1']);
  });

  it('is one worker smaller when one is let go by its owner, once', () => {
    const l = ledger(...begun, submitted);
    const drained: Fact = { is: 'worker-drained', at: 6, life: 'main-1' };
    for (const fact of [drained, drained]) l.apply(fact);
    assert.deepEqual([l.pool('main')?.desired, l.life('main-1')?.phase], [1, 'draining']);
  });

  it('keeps the last verdict of each site, and the looks that have none yet', () => {
    const probe = (mark: string, site: string): Fact => ({ is: 'probe', at: 6, grid: 'local', site, mark });
    const probed = (mark: string, ok: boolean): Fact => {
      return { is: 'probed', at: 7, mark, verdict: { ok, sentence: mark, at: 7, facts: {} } };
    };
    const l = ledger(probe('p1', 'north'), probed('p1', false), probe('p2', 'south'), probed('p2', true));
    for (const fact of [probe('p3', 'north'), probed('p3', true), probe('p4', 'north')]) l.apply(fact);
    assert.deepEqual(
      l.probes.map(({ mark, verdict }) => [mark, verdict?.ok]),
      [
        ['p2', true],
        ['p3', true],
        ['p4', undefined],
      ],
    );
  });

  it('knows whose a kernel is, and why one was ended until it is begun anew', () => {
    const about = { id: 'k1', cwd: '/', python: '/python', variables: {}, coffeaCasa: false, notebook: 'untitled:1' };
    const kernel: Fact = { is: 'kernel', at: 1, ...about };
    const renamed: Fact = { is: 'kernel-notebook', at: 2, id: 'k1', notebook: 'file:///n.ipynb' };
    const ended: Fact = { is: 'kernel-ended', at: 3, id: 'k1', why: 'its owner shut it down' };
    assert.equal(ledger(kernel, renamed).kernels[0]?.notebook, 'file:///n.ipynb');
    assert.equal(ledger(kernel, ended).kernelEnds.get('k1'), 'its owner shut it down');
    assert.equal(ledger(kernel, ended, kernel).kernelEnds.has('k1'), false);
  });
});
