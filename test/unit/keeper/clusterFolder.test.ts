import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFolder, clusterSettings } from '../../../src/keeper/clusterFolder.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { writtenSettings } from './writtenSettings.js';

describe('ClusterFolder', () => {
  const scratch = scratchFolder();
  const settings = writtenSettings;

  it('reads what was decided when the cluster was made, with what was left open', async () => {
    const folder = new ClusterFolder(scratch());
    await writeFile(folder.settings, JSON.stringify(settings));
    assert.deepEqual(await folder.readSettings(), {
      ...settings,
      relay: { kind: 'own', host: '127.0.0.1', port: 0 },
      localSites: [{ name: 'north', slots: 2, enter: [] }],
      limits: { idleMinutes: 30, workersUnconfirmed: 50, kernelIdleMinutes: 1440 },
      adapting: { intervalSeconds: 5, waitCount: 6 },
      grids: {},
    });
  });

  it('says that there is no cluster where there is none', async () => {
    await assert.rejects(new ClusterFolder(join(scratch(), 'none')).readSettings(), { code: 'cluster-unknown' });
  });

  for (const [what, text] of [
    ['half a file', '{"version": 1, "na'],
    ['a name that is no name', JSON.stringify({ ...settings, name: '../x' })],
    ['no site', JSON.stringify({ ...settings, localSites: [] })],
  ] as const) {
    it(`refuses ${what}, and says what to do`, async () => {
      const folder = new ClusterFolder(scratch());
      await writeFile(folder.settings, text);
      await assert.rejects(folder.readSettings(), { code: 'cluster-damaged', message: /make the cluster again/ });
    });
  }

  it('leaves what a newer version has added to its own keeper', async () => {
    const folder = new ClusterFolder(scratch());
    await writeFile(folder.settings, JSON.stringify({ ...settings, colour: 'red' }));
    assert.equal((await folder.readSettings()).name, 'ttbar');
  });

  it('says that a newer version made it, and which program to use', async () => {
    const folder = new ClusterFolder(scratch());
    await writeFile(folder.settings, JSON.stringify({ ...settings, version: 2 }));
    await assert.rejects(folder.readSettings(), {
      code: 'cluster-newer',
      message: /update this one, or use .*cli\.mjs/,
    });
  });

  it('takes a relay that others run only with its whole address', () => {
    const relay = (address: object) => clusterSettings.safeParse({ ...settings, relay: { kind: 'other', address } });
    assert.equal(relay({ host: 'relay.example.org', port: 443, serverName: 'relay.example.org' }).success, true);
    assert.equal(relay({ host: 'relay.example.org', serverName: 'relay.example.org' }).success, false);
    assert.equal(relay({ host: 'relay.example.org', port: 0, serverName: 'relay.example.org' }).success, false);
  });

  it('keeps each kept child and each kernel in a folder of its own', () => {
    const folder = new ClusterFolder('/state/ttbar');
    const places = [folder.relay, folder.scheduler, folder.keeper, folder.kernel('k1'), folder.kernel('k2')];
    assert.equal(new Set(places).size, places.length);
    for (const place of places) assert.ok(place.startsWith('/state/ttbar/'));
  });
});
