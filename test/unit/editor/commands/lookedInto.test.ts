import assert from 'node:assert/strict';
import { join } from 'node:path';
import { diracSpec } from '../../../../src/grid/gridSpec.js';
import { commands, schemes } from '../../../../src/ids.js';
import { addGrid } from '../../../../src/owner/grids.js';
import { workspace } from '../../../rigs/window/vscode.mjs';
import { scratchHome } from '../../keeper/scratchHome.js';
import { CommandWindow } from './commandWindow.js';

describe('Commands that look into something and show a document', () => {
  const before = process.env['XDG_CONFIG_HOME'];
  let window: CommandWindow;
  afterEach(() => {
    window.dispose();
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  });
  const home = scratchHome();
  beforeEach(async () => {
    process.env['XDG_CONFIG_HOME'] = join(home(), 'config');
    window = new CommandWindow(home());
    const spec = diracSpec.parse({
      ...{ kind: 'dirac', url: 'https://127.0.0.1:9', setup: 'Test', vo: 'gridpp', group: 'gridpp_user' },
      ...{ sites: ['LCG.Example.uk'], proxy: join(home(), 'proxy'), caDirectory: home() },
    });
    await addGrid('gridpp', { spec });
  });

  for (const [id, scheme] of [
    [commands.checkGrid, schemes.grid],
    [commands.doctor, schemes.report],
  ] as const) {
    it(`${id} shows nothing and says nothing once it is cancelled`, async () => {
      const never = { provideTextDocumentContent: () => new Promise<string>(() => undefined) };
      workspace.registerTextDocumentContentProvider(scheme, never);
      window.screen.cancelling = true;
      await window.run(id);
      assert.equal(window.screen.executed.at(-1)?.[0], 'progress');
      assert.deepEqual([window.screen.shown, window.notices, window.logged], [[], [], []]);
    });
  }
});
