import assert from 'node:assert/strict';
import { childEnvironment, pythonEnvironment } from '../../../src/environment/childEnvironment.js';

describe('childEnvironment', () => {
  it('leaves out what an editor, a snap or npm put there, and keeps the rest', () => {
    const env = {
      HOME: '/home/me',
      VSCODE_PID: '1',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--x',
      SNAP: '/snap',
      npm_config_x: 'y',
    };
    assert.deepEqual(childEnvironment({}, env), { HOME: '/home/me' });
  });

  it('adds what the child needs, over what was there', () => {
    assert.deepEqual(childEnvironment({ PYTHONPATH: '/ours' }, { PYTHONPATH: '/theirs', HOME: '/h' }), {
      PYTHONPATH: '/ours',
      HOME: '/h',
    });
  });
});

describe('pythonEnvironment', () => {
  it('puts our package before the packages that the user has set up, and keeps those', () => {
    assert.deepEqual(pythonEnvironment('/ours', {}, { PYTHONPATH: '/cvmfs/view' }), {
      PYTHONPATH: '/ours:/cvmfs/view',
    });
    assert.deepEqual(pythonEnvironment('/ours', { MPLBACKEND: 'Agg' }, { PYTHONPATH: '' }), {
      PYTHONPATH: '/ours',
      MPLBACKEND: 'Agg',
    });
  });
});
