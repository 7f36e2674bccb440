import { join } from 'node:path';
import { scratchFolder } from '../base/scratchFolder.js';

/** A scratch folder a test, in which this user's state and sockets lie too: no test sees the real clusters. */
export function scratchHome(): () => string {
  const names = ['XDG_STATE_HOME', 'XDG_RUNTIME_DIR'];
  const before = new Map<string, string | undefined>();
  const folder = scratchFolder();
  beforeEach(() => {
    for (const name of names) before.set(name, process.env[name]);
    process.env['XDG_STATE_HOME'] = join(folder(), 'state');
    process.env['XDG_RUNTIME_DIR'] = join(folder(), 'run');
  });
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  return folder;
}
