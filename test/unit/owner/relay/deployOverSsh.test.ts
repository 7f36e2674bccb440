import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SitespanError } from '../../../../src/base/errors.js';
import type { Deployment } from '../../../../src/owner/relay/deployment.js';
import { deployOverSsh, tenantsOverSsh } from '../../../../src/owner/relay/deployOverSsh.js';
import { prepareDeployment } from '../../../../src/owner/relay/prepareDeployment.js';
import { relayUsers } from '../../../../src/owner/relay/relayUsers.js';
import type { Remote } from '../../../../src/owner/relay/ssh.js';
import { tenantsText } from '../../../../src/relay/tenantsFile.js';

/** A computer that is what a test says it is; scripts of ours run on a real one in test/integration/relay/deploy.test.ts. */
class StandIn implements Remote {
  readonly host = 'vm';
  readonly files = new Map<string, string>();
  /** What its systemd was told. */
  readonly verbs: string[] = [];
  constructor(
    private readonly survey: string,
    public systemd: 'runs' | 'is missing' = 'runs',
  ) {}

  async run(script: string): Promise<string> {
    if (script.includes('uname')) {
      const hash = (content: string) => createHash('sha256').update(content).digest('hex');
      const there = [...this.files].map(([path, content]) => `file ${path} ${hash(content)} -`);
      return [this.survey, ...there].join('\n');
    }
    const [, read] = /\bcat ([^\s;]+)(?:; fi)?$/.exec(script) ?? [];
    if (read !== undefined) return this.files.get(read) ?? '';
    if (script.includes('enable-linger')) return this.systemd === 'runs' ? 'lingers\n' : 'Could not enable linger\n';
    if (script.includes('systemctl') && this.systemd === 'is missing') {
      throw new SitespanError('ssh-command-failed', 'sh: systemctl: not found');
    }
    const [, verb] = /systemctl --user (restart|start) /.exec(script) ?? [];
    if (verb !== undefined) this.verbs.push(verb);
    return '';
  }

  async put(path: string, content: Uint8Array): Promise<void> {
    this.files.set(path, Buffer.from(content).toString());
  }
}

describe('Deploying over ssh', () => {
  const before = process.env['XDG_CONFIG_HOME'];
  const good = 'system Linux\nuser me\nnode /usr/bin/node v18.20.4\nnode /home/me/.local/node/bin/node v22.4.0';
  const tenants = '.local/share/sitespan-relay/tenants.json';
  let home = '';
  let deployment: Deployment;
  let said: string[] = [];
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'sitespan-deploy-'));
    process.env['XDG_CONFIG_HOME'] = home;
    writeFileSync(join(home, 'cli.mjs'), 'the program');
    said = [];
    deployment = await prepareDeployment({
      host: 'vm',
      address: 'vm.example',
      program: join(home, 'cli.mjs'),
      now: Date.now(),
    });
  });
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
    rmSync(home, { recursive: true });
  });
  const deploy = (remote: Remote, replace = false) =>
    deployOverSsh(deployment, remote, {
      ...{ program: join(home, 'cli.mjs'), replace },
      progress: (sentence) => said.push(sentence),
    });

  it('takes a Node that is new enough, wherever it lies', async () => {
    const remote = new StandIn(good);
    assert.equal(await deploy(remote), true);
    assert.match(
      remote.files.get('.config/systemd/user/sitespan-relay.service') ?? '',
      /^ExecStart=\/home\/me\/.local\/node\/bin\/node /m,
    );
    assert.equal(remote.files.get('.local/share/sitespan-relay/sitespan.mjs'), 'the program');
  });

  const hosts: readonly [string, string, string, RegExp][] = [
    ['that has no Node', 'system Linux\nuser me', 'relay-host-node', /vm has no Node,.*nodejs\.org/],
    [
      'whose Node is old',
      'system Linux\nuser me\nnode /usr/bin/node v18.20.4',
      'relay-host-node',
      /only Node 18\.20\.4/,
    ],
    ['that is no Linux', 'system Darwin\nuser me', 'relay-host-system', /no Linux computer \(Darwin\)/],
  ];
  for (const [what, survey, code, message] of hosts) {
    it(`puts nothing on a host ${what}`, async () => {
      const remote = new StandIn(survey);
      await assert.rejects(deploy(remote), { code, message });
      assert.equal(remote.files.size, 0);
    });
  }

  it('says what to do where no systemd is there for users', async () => {
    const message = /Everything is in place on vm.*ExecStart= in ~\/\.config\/systemd\/user\/sitespan-relay\.service/;
    await assert.rejects(deploy(new StandIn(good, 'is missing')), { code: 'relay-host-systemd', message });
    assert.ok(
      said.some((sentence) => /^! vm ends the relay when its user logs out/.test(sentence)),
      said.join('\n'),
    );
  });

  it('keeps the users that are there, and adds the first one where it is not', async () => {
    const remote = new StandIn(good);
    remote.files.set(tenants, tenantsText({ alice: '11'.repeat(32) }));
    await deploy(remote);
    const own = readFileSync(deployment.userKeyFile, 'utf8').trim();
    assert.deepEqual(JSON.parse(remote.files.get(tenants) ?? ''), { tenants: { alice: '11'.repeat(32), me: own } });
    remote.files.set(tenants, tenantsText({ me: '22'.repeat(32) }));
    await assert.rejects(deploy(remote), { code: 'relay-user-key', message: /knows me by another key/ });
    assert.doesNotMatch(said.join('\n'), /[0-9a-f]{64}/);
  });

  it('puts nothing where the relay knows the user by another key', async () => {
    const remote = new StandIn(good);
    remote.files.set(tenants, tenantsText({ me: '22'.repeat(32) }));
    const before = new Map(remote.files);
    await assert.rejects(deploy(remote), { code: 'relay-user-key' });
    assert.deepEqual(remote.files, before);
  });

  it('puts nothing where another authority signed the certificate that is there, unless it is told to', async () => {
    const remote = new StandIn(good);
    await deploy(remote);
    const before = new Map(remote.files);
    process.env['XDG_CONFIG_HOME'] = join(home, 'other-computer');
    deployment = await prepareDeployment({
      ...{ host: 'vm', address: 'vm.example', user: 'me2', program: join(home, 'cli.mjs'), now: Date.now() },
    });
    const message = /^The relay on vm has a certificate that .*authority\.pem did not sign.*--replace/;
    await assert.rejects(deploy(remote), { code: 'relay-other-authority', message });
    assert.deepEqual(remote.files, before);
    await deploy(remote, true);
    const certificate = remote.files.get('.local/share/sitespan-relay/relay.pem');
    assert.equal(certificate, readFileSync(deployment.certificateFile, 'utf8'));
  });

  it('starts what a deployment that was cut short has put there', async () => {
    const remote = new StandIn(good);
    await deploy(remote);
    assert.equal(await deploy(remote), false);
    writeFileSync(join(home, 'cli.mjs'), 'the next program');
    remote.systemd = 'is missing';
    await assert.rejects(deploy(remote), { code: 'relay-host-systemd' });
    remote.systemd = 'runs';
    assert.equal(await deploy(remote), true);
    assert.equal(await deploy(remote), false);
    assert.deepEqual(remote.verbs, ['restart', 'start', 'restart', 'start']);
  });

  it('is missed where users are asked for and no relay was deployed', async () => {
    const none = { code: 'relay-not-deployed', message: /has no relay there.*sitespan relay deploy vm --over-ssh/ };
    await assert.rejects(relayUsers(tenantsOverSsh(new StandIn(good))), none);
  });

  it('leaves a certificate that is renewed there alone, unless one is given now', async () => {
    const remote = new StandIn(good);
    const certificate = '.local/share/sitespan-relay/relay.pem';
    remote.files.set(certificate, 'renewed by certbot');
    deployment = { ...deployment, certificate: 'given', authority: undefined };
    await deploy(remote);
    assert.equal(remote.files.get(certificate), 'renewed by certbot');
    deployment = { ...deployment, certificateGivenNow: true };
    await deploy(remote);
    assert.equal(remote.files.get(certificate), readFileSync(deployment.certificateFile, 'utf8'));
  });
});
