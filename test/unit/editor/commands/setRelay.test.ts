import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { commands, settings } from '../../../../src/ids.js';
import { makeCertificate, RelayHere, serverName, tenant, userKey } from '../../../integration/relay/rig.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { scratchHome } from '../../keeper/scratchHome.js';
import { CommandWindow } from './commandWindow.js';

describe('Set Relay', () => {
  const certificate = makeCertificate();
  let relay: RelayHere;
  let window: CommandWindow;
  before(async () => {
    relay = await RelayHere.start(certificate);
  });
  after(async () => {
    await relay?.close();
    certificate.remove();
  });
  afterEach(() => window.dispose());
  const home = scratchHome();
  beforeEach(() => {
    window = new CommandWindow(home());
  });

  const answers = (key: string) => {
    const left = [`127.0.0.1:${relay.port}`, tenant, key, serverName, certificate.certFile];
    return ({ kind }: Asked): unknown => (kind === 'text' ? left.shift() : undefined);
  };

  it('keeps a relay that knows the key, the key in secret storage and nowhere else', async () => {
    await window.run(commands.setRelay, undefined, answers(userKey));
    assert.deepEqual(window.notices, []);
    assert.equal(window.screen.settings.get(settings.relay), `127.0.0.1:${relay.port}`);
    const { chosenRelay } = await import('../../../../src/editor/relayChoice.js');
    assert.deepEqual(await chosenRelay(window.shared), {
      relay: {
        kind: 'other',
        address: { host: '127.0.0.1', port: relay.port, serverName, ca: certificate.cert },
      },
      ...{ tenant, userKey },
    });
    assert.doesNotMatch(JSON.stringify([...window.screen.settings, window.screen.said]), new RegExp(userKey));
  });

  it('keeps nothing where the relay does not know the key', async () => {
    await window.run(commands.setRelay, undefined, answers(randomBytes(32).toString('hex')));
    assert.equal(window.notices.length, 1);
    assert.match(window.notices[0] ?? '', /does not know the tenant/);
    assert.equal(window.screen.settings.size, 0);
  });

  it('goes back to a relay of each cluster where the address is emptied', async () => {
    await window.run(commands.setRelay, undefined, answers(userKey));
    await window.run(commands.setRelay, undefined, ({ kind }) => (kind === 'text' ? '' : undefined));
    const { chosenRelay } = await import('../../../../src/editor/relayChoice.js');
    assert.deepEqual(await chosenRelay(window.shared), {});
  });

  it('is asked for where the settings name a relay whose key is not here', async () => {
    window.screen.settings.set(settings.relay, 'relay.example.org:443');
    await window.run(commands.newCluster, undefined, () => undefined);
    assert.equal(window.notices.length, 1);
    assert.deepEqual(window.screen.said[0]?.buttons, ['Set Relay', 'Show Log']);
  });
});
