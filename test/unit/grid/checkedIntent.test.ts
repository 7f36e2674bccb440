import assert from 'node:assert/strict';
import { checkedIntent } from '../../../src/grid/checkedIntent.js';
import type { JobIntent } from '../../../src/grid/grid.js';

describe('checkedIntent', () => {
  const sound: JobIntent = {
    ...{ mark: 'a1b2c3.ttbar-1a2b3c.7', sites: [], count: 8, cores: 1, memoryMb: 0, walltimeSeconds: 3600 },
    ...{ sandbox: '/payload', executable: 'start.sh', environment: { X509_USER_PROXY: "any 'text'\n" } },
  };

  it('lets a sound intent pass as it is', () => {
    assert.equal(checkedIntent(sound), sound);
  });

  it('takes a mark of 32 characters, the most that DIRAC keeps, and none longer', () => {
    assert.ok(checkedIntent({ ...sound, mark: 'm'.repeat(32) }));
    assert.throws(() => checkedIntent({ ...sound, mark: 'm'.repeat(33) }), { code: 'intent-invalid' });
  });

  for (const [what, change, message] of [
    ['an empty mark', { mark: '' }, /mark ""/],
    ['a mark with a blank', { mark: 'a b' }, /mark "a b"/],
    ['a number that is none', { cores: Number.NaN }, /cores is NaN/],
    ['negative memory', { memoryMb: -1 }, /memoryMb is -1/],
    ['part of a second', { walltimeSeconds: 0.5 }, /walltimeSeconds is 0\.5/],
    ['the sandbox itself as executable', { executable: '.' }, /executable "\."/],
    ['an absolute executable', { executable: '/bin/sh' }, /executable "\/bin\/sh"/],
    ['a variable without a name', { environment: { '': 'x' } }, /variable ""/],
    ['a variable that would be cut', { environment: { A: 'x\0y' } }, /variable "A"/],
  ] as const) {
    it(`refuses ${what}, and names it`, () => {
      assert.throws(() => checkedIntent({ ...sound, ...change }), { code: 'intent-invalid', message });
    });
  }
});
