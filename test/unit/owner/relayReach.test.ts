import assert from 'node:assert/strict';
import { relayOutOfReach } from '../../../src/owner/relayReach.js';

describe('relayOutOfReach', () => {
  it('says that sites of a grid do not reach a relay of the cluster on this computer, and what to do', () => {
    const said = relayOutOfReach('gridpp', undefined);
    assert.match(said ?? '', /at 127\.0\.0\.1 on this computer only, .* the sites of gridpp .*; name a relay/);
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) {
      assert.ok(relayOutOfReach('gridpp', { kind: 'own', host, port: 0 })?.includes(`at ${host} on`), host);
    }
  });

  it('says nothing of a relay that others run, or that listens elsewhere', () => {
    const address = { host: 'relay.example', port: 443, serverName: 'relay.example' };
    assert.equal(relayOutOfReach('gridpp', { kind: 'other', address }), undefined);
    for (const host of ['192.0.2.7', '127.example.org']) {
      assert.equal(relayOutOfReach('gridpp', { kind: 'own', host, port: 0 }), undefined);
    }
  });
});
