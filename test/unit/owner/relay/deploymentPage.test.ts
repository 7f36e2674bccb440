import assert from 'node:assert/strict';
import type { Deployment } from '../../../../src/owner/relay/deployment.js';
import { deploymentPage } from '../../../../src/owner/relay/deploymentPage.js';

describe('The page of a deployment', () => {
  const folder = '/home/me/.config/sitespan/relays/relay.example.org';
  const deployment: Deployment = {
    ...{ host: 'me@vm', address: 'relay.example.org', port: 8443, user: 'me', certificate: 'own', folder },
    ...{ authority: `${folder}/authority.pem`, certificateFile: `${folder}/relay.pem`, keyFile: `${folder}/relay.key` },
    ...{ tenantsFile: `${folder}/tenants.json`, userKeyFile: `${folder}/me.user-key` },
    ...{ unitFile: `${folder}/sitespan-relay.service`, pageFile: `${folder}/DEPLOY.md`, certificateGivenNow: false },
  };

  it('says every step, with commands that can be given as they stand', () => {
    const page = deploymentPage(deployment, '/srv/dist/cli.mjs');
    for (const line of [
      'scp /srv/dist/cli.mjs me@vm:.local/share/sitespan-relay/sitespan.mjs',
      'ssh me@vm systemctl --user enable --now sitespan-relay.service',
      `sitespan relay check relay.example.org:8443 --tenant me --relay-key ${folder}/me.user-key --relay-ca ${folder}/authority.pem`,
    ]) {
      assert.ok(page.split('\n').includes(line), line);
    }
    assert.match(page, /Inbound TCP 8443 to me@vm/);
    assert.doesNotMatch(page, /unprivileged_port/);
  });

  it('has commands whose paths a shell takes as one word', () => {
    const page = deploymentPage({ ...deployment, keyFile: "/home/o'neil/my keys/relay.key" }, '/srv/my dist/cli.mjs');
    assert.match(page, /^scp '\/srv\/my dist\/cli\.mjs' me@vm:/m);
    assert.ok(page.includes(`scp -p '/home/o'\\''neil/my keys/relay.key' me@vm:`), page);
  });

  it("says what root must do for a port of root's, and leaves out an authority that there is not", () => {
    const page = deploymentPage(
      { ...deployment, port: 443, certificate: 'given', authority: undefined },
      '/srv/cli.mjs',
    );
    assert.match(page, /ip_unprivileged_port_start=443/);
    assert.match(page, /certbot/);
    assert.doesNotMatch(page, /authority/);
  });
});
