import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRelay } from '../../../src/owner/checkRelay.js';
import { knownDeployment } from '../../../src/owner/relay/deployment.js';
import { lookAtRelay } from '../../../src/owner/relay/lookAtRelay.js';
import { Ssh } from '../../../src/owner/relay/ssh.js';
import { untilReached } from '../../../src/owner/relay/untilReached.js';
import { ClusterRig, Home } from '../../rigs/cluster/clusterRig.js';
import { freePort, SshHost } from '../../rigs/relay/sshHost.js';
import { Cli } from '../../rigs/terminal/cli.js';

/** One story, test by test: each goes on where the one before ended. */
describe('sitespan relay deploy', () => {
  const configBefore = process.env['XDG_CONFIG_HOME'];
  const relayFolder = '.local/share/sitespan-relay';
  let home: Home;
  let host: SshHost;
  let port = 0;
  let cluster: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
    process.env['XDG_CONFIG_HOME'] = join(home.folder, 'config');
    host = await SshHost.start();
    port = await freePort();
  });
  after(async () => {
    await cluster?.close();
    await Cli.killAll();
    await host?.close();
    if (configBefore === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = configBefore;
    await home?.remove();
  });

  /** @returns what it said: its answer, and what it did */
  async function sitespan(args: readonly string[], code = 0): Promise<{ output: string; errors: string }> {
    const cli = Cli.start(...args);
    assert.equal(await cli.end(), code, `${args.join(' ')}: ${cli.output} ${cli.errors}`);
    return cli;
  }
  const deploy = (more: readonly string[] = [], code = 0) =>
    sitespan(['relay', 'deploy', host.name, '--address', '127.0.0.1', '--port', String(port), ...more], code);
  const overSsh = (...more: readonly string[]) => deploy(['--over-ssh', '--ssh-config', host.config, ...more]);
  const user = (...words: readonly string[]) =>
    sitespan(['relay', 'user', ...words, '--host', host.name, '--ssh-config', host.config]);
  const made = (name: string): string => join(home.folder, 'config', 'sitespan', 'relays', '127.0.0.1', name);
  const text = (path: string): string => readFileSync(path, 'utf8');
  const address = () => ({ host: '127.0.0.1', port, serverName: '127.0.0.1', ca: text(made('authority.pem')) });
  const alice = () => ({ tenant: 'alice', userKey: text(join(home.folder, 'alice.user-key')).trim() });

  it('says what is to be done, and does nothing there', async () => {
    const { output } = await deploy();
    assert.match(output, /^# A relay on relay-host, for 127\.0\.0\.1:\d+$/m);
    assert.match(output, /^scp .*dist\/cli\.mjs relay-host:\.local\/share\/sitespan-relay\/sitespan\.mjs$/m);
    assert.doesNotMatch(output, /[0-9a-f]{64}/);
    assert.throws(() => statSync(host.path('.local')), { code: 'ENOENT' });
  });

  it('makes a unit that systemd reads without a word', () => {
    // The unit names Debian's Node, and the home of whoever starts it: here both are this computer's.
    const unit = made('sitespan-relay.service');
    const copy = join(home.folder, 'sitespan-relay.service');
    writeFileSync(copy, text(unit).replace('/usr/bin/node', process.execPath));
    const runtime = join(home.folder, 'systemd');
    mkdirSync(runtime, { mode: 0o700 });
    const said = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', copy], {
      env: { ...process.env, XDG_RUNTIME_DIR: runtime },
      encoding: 'utf8',
    });
    assert.equal(`${said.status} ${said.stdout}${said.stderr}`, '0 ');
  });

  it('does it over ssh: files that others cannot read, a relay that runs and is reached from outside', async () => {
    const { output, errors } = await overSsh();
    assert.match(output, /^The relay 127\.0\.0\.1:\d+ is there and knows me\.$/m);
    assert.match(
      output,
      /^terminal: {2}sitespan up NAME --relay 127\.0\.0\.1:\d+ --tenant me --relay-key .*me\.user-key --relay-ca .*authority\.pem$/m,
    );
    assert.match(errors, /^from outside: It knows me by this key\.$/m);
    assert.doesNotMatch(output + errors, /[0-9a-f]{64}/);
    for (const name of ['relay.key', 'tenants.json']) {
      assert.equal(statSync(host.path(relayFolder, name)).mode & 0o777, 0o600, name);
    }
    assert.equal(statSync(host.path(relayFolder)).mode & 0o777, 0o700);
    assert.equal(text(host.path(relayFolder, 'relay.pem')), text(made('relay.pem')));
  });

  it('changes nothing when all is as it should be', async () => {
    const pid = host.relayPid();
    const { errors } = await overSsh();
    assert.match(errors, /^program: as it was$/m);
    assert.match(errors, /^users: as they were$/m);
    assert.equal(host.relayPid(), pid);
  });

  it('does not replace the certificate that others pin by one of another authority', async () => {
    const before = text(host.path(relayFolder, 'relay.pem'));
    const other = ['relay', 'deploy', host.name, '--address', 'localhost', '--port', String(port)];
    const { errors } = await sitespan([...other, '--over-ssh', '--ssh-config', host.config], 1);
    assert.match(errors, /^sitespan: The relay on relay-host has a certificate that .* did not sign.*--replace/m);
    assert.equal(text(host.path(relayFolder, 'relay.pem')), before);
    // Two deployments on one host: what follows is about the first.
    rmSync(made('../localhost'), { recursive: true });
  });

  it('adds a user, whom the running relay knows at once: their cluster works over it', async () => {
    const { output } = await user('add', 'alice', '--out', join(home.folder, 'alice.user-key'));
    assert.doesNotMatch(output, /[0-9a-f]{64}/);
    assert.match(output, /--tenant alice --relay-key alice\.user-key --relay-ca authority\.pem/);
    assert.equal(statSync(join(home.folder, 'alice.user-key')).mode & 0o777, 0o600);
    assert.equal((await user('list')).output, 'alice\nme\n');
    cluster = await ClusterRig.make({ relay: { kind: 'other', address: address() }, ...alice() });
    await cluster.addPool(1);
    assert.equal(await cluster.run(answer), 42);
  });

  it('is found well from outside, and a wrong key is told', async () => {
    const check = ['relay', 'check', `127.0.0.1:${port}`, '--relay-ca', made('authority.pem'), '--tenant', 'alice'];
    const { output } = await sitespan([...check, '--relay-key', join(home.folder, 'alice.user-key'), '--json']);
    const verdicts = JSON.parse(output).map(
      ({ about, verdict }: { about: string; verdict: string }) => `${about} ${verdict}`,
    );
    assert.deepEqual(
      verdicts,
      ['reach', 'tls', 'certificate', 'relay', 'clock', 'key'].map((about) => `${about} good`),
    );
    const wrong = await sitespan([...check, '--relay-key', made('me.user-key')], 1);
    assert.match(wrong.output, /^key +wrong +The relay at .* does not know the tenant alice by this key/m);
  });

  it('renews the certificate under a running cluster', async () => {
    const pid = host.relayPid();
    const before = (await lookAtRelay(address())).certificate.serialNumber;
    const { errors } = await overSsh('--renew');
    assert.match(errors, /^certificate: replaced /m);
    assert.notEqual((await lookAtRelay(address())).certificate.serialNumber, before);
    assert.equal(host.relayPid(), pid);
    assert.equal(await cluster?.run(answer), 42);
    assert.match(text(host.path('.relay.log')), /"event":"certificate-replaced"/);
  });

  it('brings a new program, and the users stay', async () => {
    const pid = host.relayPid();
    copyFileSync(made('relay.pem'), host.path(relayFolder, 'sitespan.mjs'));
    await overSsh();
    assert.notEqual(host.relayPid(), pid);
    await checkRelay({ address: address(), ...alice() });
    assert.equal(await cluster?.run(answer), 42);
  });

  it('removes a user, who is a stranger from then on', async () => {
    await cluster?.close();
    cluster = undefined;
    await user('remove', 'alice');
    await assert.rejects(checkRelay({ address: address(), ...alice() }), { code: 'relay-stranger' });
    assert.equal((await user('list')).output, 'me\n');
  });

  it('says it where ssh does not get in, and where the relay does not stay up', async () => {
    const stranger = host.otherConfig('no-key', (text) => text.replace(/IdentityFile .*/, 'IdentityFile /nowhere'));
    const refused = await deploy(['--over-ssh', '--ssh-config', stranger], 1);
    assert.match(refused.errors, /^sitespan: ssh cannot log in to relay-host .*ssh-add.*"ssh relay-host true"/m);
    const unknown = host.otherConfig('no-host', (text) =>
      text.replace(/UserKnownHostsFile .*/, 'UserKnownHostsFile /dev/null'),
    );
    assert.match((await deploy(['--over-ssh', '--ssh-config', unknown], 1)).errors, /host key is not known yet/);
    host.systemctl('stop');
    const check = await sitespan(['relay', 'check', `127.0.0.1:${port}`], 1);
    assert.match(check.output, /^reach +wrong +This computer cannot reach 127\.0\.0\.1:\d+: refused;/m);
  });

  it('says on which side it is that it is not reached', async () => {
    const deployment = (await knownDeployment(host.name)) ?? assert.fail('nothing is known of it');
    const ssh = new Ssh({ host: host.name, config: host.config });
    const down = {
      code: 'relay-not-reached',
      message: /refused; .*the relay does not stay up on relay-host: "journalctl /,
    };
    await assert.rejects(untilReached(deployment, ssh, { patienceMs: 0 }), down);
    host.systemctl('start');
    const closed = {
      code: 'relay-not-reached',
      message: /refused; .*so inbound TCP \d+ has to be opened in the firewall/,
    };
    await assert.rejects(untilReached({ ...deployment, port: await freePort() }, ssh, { patienceMs: 0 }), closed);
  });
});

const answer = 'from distributed import Client\nresult = Client().submit(lambda: 6 * 7).result()';
