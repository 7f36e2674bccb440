import assert from 'node:assert/strict';
import { sayNode, warnOfNode } from '../../../../src/keeper/worker/node.js';
import { poolSpecOf } from '../poolSpecs.js';

describe('a node', () => {
  it('is said in a few words, as far as it is known', () => {
    assert.equal(sayNode({}), '');
    assert.equal(
      sayNode({ cores: 8, memoryMb: 15_872, gpus: ['NVIDIA A100'], diskFreeMb: 300, walltimeLeftSeconds: 86_400 }),
      '8 cores, 15.9 GB of memory, GPU NVIDIA A100, 300 MB of disk free, 24 h left',
    );
  });

  it('that is as asked for is not warned of', () => {
    const good = { cores: 2, memoryMb: 2900, gpus: [], diskFreeMb: 5000, walltimeLeftSeconds: 3590, time: 1010 };
    assert.deepEqual(warnOfNode(good, poolSpecOf(), 1000), []);
    assert.deepEqual(warnOfNode({}, poolSpecOf({ resources: { GPU: 1 } }), 1000), []);
  });

  it('is warned of where it has less than was asked for, little disk, or another time', () => {
    const poor = { cores: 1, memoryMb: 2000, gpus: [], diskFreeMb: 300, walltimeLeftSeconds: 600, time: 927 };
    assert.deepEqual(warnOfNode(poor, poolSpecOf({ resources: { GPU: 1 } }), 1000), [
      '1 core found, 2 asked for: its tasks share them.',
      '2 GB of memory found, 3 GB asked for: it may be killed for too much.',
      'No GPU found, and the pool promises one to its tasks.',
      'Disk 300 MB free: what tasks spill there soon fills it.',
      "10 min left of the site's time, 60 min asked for.",
      "Clock 73 s off: the node's is behind this computer's.",
    ]);
  });
});
