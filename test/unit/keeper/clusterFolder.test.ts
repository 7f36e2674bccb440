import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFolder, clusterSettings } from '../../../src/keeper/clusterFolder.js';
import { scratchFolder } from '../base/scratchFolder.js';

describe('ClusterFolder', () => {
  const scratch = scratchFolder();
  const settings = {
    version: 1,
    name: 'ttbar',
    id: 'ttbar-1a2b3c',
    tenant: 'me',
    python: '/usr/bin/python3',
    relay: { kind: 'own' },
    localSites: [{ name: 'north', slots: 2 }],
  };

  it('reads what was decided when the cluster was made, with what was left open', async () => {
    const folder = new ClusterFolder(scratch());
    await writeFile(folder.settings, JSON.stringify(settings));
    assert.deepEqual(await folder.readSettings(), {
      ...settings,
      relay: { kind: 'own', host: '127.0.0.1', port: 0 },
      localSites: [{ name: 'north', slots: 2, enter: [] }],
      limits: { idleMinutes: 30, workersUnconfirmed: 50 },
      adapting: { intervalSeconds: 5, waitCount: 6 },
    });
  });

  it('says that there is no cluster where there is none', async () => {
    await assert.rejects(new ClusterFolder(join(scratch(), 'none')).readSettings(), { code: 'cluster-unknown' });
  });

  for (const [what, text] of [
    ['half a file', '{"version": 1, "na'],
    ['settings of another version', JSON.stringify({ ...settings, version: 2 })],
    ['a name that is no name', JSON.stringify({ ...settings, name: '../x' })],
    ['no site', JSON.stringify({ ...settings, localSites: [] })],
    ['a word it does not know', JSON.stringify({ ...settings, colour: 'red' })],
  ] as const) {
    it(`refuses ${what}, and says what to do`, async () => {
      const folder = new ClusterFolder(scratch());
      await writeFile(folder.settings, text);
      await assert.rejects(folder.readSettings(), { code: 'cluster-damaged', message: /make the cluster again/ });
    });
  }

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
