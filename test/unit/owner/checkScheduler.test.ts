import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { checkScheduler, parseSchedulerAddress } from '../../../src/owner/checkScheduler.js';

describe('The address of a scheduler', () => {
  it('is read as Dask writes it, and shorter', () => {
    const texts = [
      'tcp://host:8786',
      'tls://10.0.0.1:99',
      'host',
      'host:1234',
      'wss://hub.example.org:443',
      'tcp://[::1]:8786',
    ];
    assert.deepEqual(
      texts.map((text) => parseSchedulerAddress(text)?.text),
      [
        'tcp://host:8786',
        'tls://10.0.0.1:99',
        'tcp://host:8786',
        'tcp://host:1234',
        'wss://hub.example.org:443',
        'tcp://[::1]:8786',
      ],
    );
  });

  it('is nothing else', () => {
    const texts = [
      '',
      'relay://scheduler:8786',
      'tcp://host:0',
      'tcp://host:70000',
      'http://host:8787/status',
      'a b',
      'tcp://u"x:1',
    ];
    assert.deepEqual(
      texts.filter((text) => parseSchedulerAddress(text) !== undefined),
      [],
    );
  });

  it('answers where something listens, and otherwise it is said where nothing does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const place = server.address();
    assert.ok(typeof place === 'object' && place !== null);
    const address = parseSchedulerAddress(`tcp://127.0.0.1:${place.port}`);
    assert.ok(address);
    await checkScheduler(address);
    server.close();
    await once(server, 'close');
    await assert.rejects(checkScheduler(address), {
      code: 'scheduler-unreachable',
      message: new RegExp(`^Nothing answers at ${address.text} from this computer \\(ECONNREFUSED\\)`),
    });
  });
});
