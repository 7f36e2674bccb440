import assert from 'node:assert/strict';
import { relayUnit } from '../../../../src/owner/relay/relayUnit.js';

describe('The systemd unit of a relay', () => {
  it('names every file from the home on, and no secret', () => {
    const line = /^ExecStart=(.*)$/m.exec(relayUnit('/usr/bin/node', 8443))?.[1] ?? '';
    const [node, program, ...rest] = line.split(' ');
    assert.equal(node, '/usr/bin/node');
    assert.equal(program, '%h/.local/share/sitespan-relay/sitespan.mjs');
    assert.equal(rest.at(-1), '0.0.0.0:8443');
    assert.doesNotMatch(line, /[0-9a-f]{64}/);
  });

  it('takes no path that a unit would read as something else', () => {
    for (const node of [
      'node',
      '/opt/my node',
      '/opt/100%/node',
      '/opt/$HOME/node',
      '/opt/a\nExecStart=/bin/x',
      "/o'pt/node",
    ]) {
      assert.throws(() => relayUnit(node, 8443), { code: 'relay-node' }, node);
    }
  });
});
