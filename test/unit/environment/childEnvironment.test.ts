import assert from 'node:assert/strict';
import { childEnvironment } from '../../../src/environment/childEnvironment.js';

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
