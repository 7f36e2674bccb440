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

  it('takes a snap out of lists of paths, and leaves those of the user as they are', () => {
    const env = {
      HOME: '/home/me',
      PATH: '/snap/bin:/usr/bin',
      LD_LIBRARY_PATH: '/snap/code/1/usr/lib:/opt/root/lib::/snap/code/1/lib',
      GTK_PATH: '/snap/code/1/usr/lib/gtk-3.0',
      GIO_MODULE_DIR: '/home/me/snap/code/common/.cache/gio-modules',
      XDG_DATA_DIRS: '/home/me/snap/code/1/share:/usr/share',
      GTK_THEME: 'Adwaita:dark',
      SNAPSHOT_OF: 'mine',
    };
    assert.deepEqual(childEnvironment({}, env), {
      HOME: '/home/me',
      PATH: '/snap/bin:/usr/bin',
      LD_LIBRARY_PATH: '/opt/root/lib:',
      XDG_DATA_DIRS: '/usr/share',
      GTK_THEME: 'Adwaita:dark',
      SNAPSHOT_OF: 'mine',
    });
    const own = { LD_LIBRARY_PATH: '/cvmfs/view/lib:/snapshot/lib:' };
    assert.deepEqual(childEnvironment({}, own), own);
  });

  it("gives back what VS Code's snap has overwritten", () => {
    const env = {
      GTK_PATH: '/snap/code/1/gtk',
      GTK_PATH_VSCODE_SNAP_ORIG: '/usr/lib/gtk',
      LOCPATH: '/somewhere/else',
      LOCPATH_VSCODE_SNAP_ORIG: '',
    };
    assert.deepEqual(childEnvironment({}, env), { GTK_PATH: '/usr/lib/gtk' });
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
