import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findClientFiles } from '../../../../src/grid/dirac/clientFiles.js';
import { scratchFolder } from '../../base/scratchFolder.js';

describe("A client's dirac.cfg", () => {
  const folder = scratchFolder();

  it('is found where DIRAC looks for it, each once, the likeliest first', async () => {
    const install = join(folder(), 'install', 'etc');
    await mkdir(install, { recursive: true });
    const [own, installed] = [join(folder(), '.dirac.cfg'), join(install, 'dirac.cfg')];
    await writeFile(own, '');
    await writeFile(installed, '');
    const env = { HOME: folder(), DIRAC: join(folder(), 'install'), DIRACSYSCONFIG: installed, DIRACOS: 'relative' };
    assert.deepEqual(await findClientFiles(env), [installed, own]);
  });

  it('is none where there is no client', async () => {
    const found = await findClientFiles({ HOME: folder() });
    assert.deepEqual(
      found.filter((path) => path.startsWith(folder())),
      [],
    );
  });
});
