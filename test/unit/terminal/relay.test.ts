import assert from 'node:assert/strict';
import { runRelayCommand } from '../../../src/terminal/relay.js';

describe('sitespan relay', () => {
  const wrong: readonly [readonly string[], RegExp][] = [
    [[], /needs --tenants, --cert and --key/],
    [['deplyo', 'vm'], /sitespan relay --tenants/],
    [['deploy'], /It is: sitespan relay/],
    [['deploy', 'a', 'b'], /It is: sitespan relay/],
    [['deploy', 'vm', '--listen', 'x:1'], /"sitespan relay deploy" takes no --listen, but --over-ssh/],
    [['deploy', 'vm', '--port', '70000'], /--port is at most 65535/],
    [['deploy', 'vm', '--cert', 'file'], /--cert and --key together/],
    [['deploy', 'vm', '--cert', 'a', '--key', 'b', '--renew'], /not both/],
    [['user', 'add', 'alice'], /--host HOST .* or --tenants FILE/],
    [['user', 'add', 'alice', '--host', 'vm', '--tenants', 'file'], /--host HOST .* or --tenants FILE/],
    [['user', 'add', '--host', 'vm'], /It is: sitespan relay/],
    [['user', 'list', 'alice', '--host', 'vm'], /It is: sitespan relay/],
    [['user', 'rename', 'alice', '--host', 'vm'], /It is: sitespan relay/],
    [['check', 'relay.example'], /HOST:PORT, not relay\.example/],
    [['check', 'relay.example:443', '--tenant', 'me'], /--tenant needs --relay-key/],
    [['check', 'relay.example:443', '--host', 'vm'], /takes no --host/],
  ];
  for (const [argv, sentence] of wrong) {
    it(`says what is wrong with "${argv.join(' ')}"`, async () => {
      await assert.rejects(runRelayCommand(argv), { code: 'usage', message: sentence });
    });
  }
});
