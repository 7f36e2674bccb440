import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { ClusterAuthority } from '../../../../src/credentials/clusterAuthority.js';
import type { EnvironmentDescription } from '../../../../src/environment/description.js';
import type { Fact } from '../../../../src/keeper/fact.js';
import { Identities } from '../../../../src/keeper/identities.js';
import { Ledger } from '../../../../src/keeper/ledger.js';
import { Enrolment, type EnrolRequest, enrolRequest } from '../../../../src/keeper/worker/enrolment.js';

const environment: EnvironmentDescription = {
  python: '3.11.7',
  executable: '/usr/bin/python3',
  machine: 'x86_64',
  packages: { dask: '2026.8.0', numpy: '2.4.6' },
  root: null,
};
const request: EnrolRequest = {
  ...{ token: 'join-1', secret: '', job: '17', host: 'node7', pid: 12, environment, node: {} },
};

/** A cluster with two jobs asked under the token `join-1`, which expires at 1000. */
function cluster({ answered = true, described = true, now = 500 } = {}) {
  const ledger = new Ledger();
  const facts: Fact[] = [];
  const record = async (fact: Fact): Promise<void> => {
    facts.push(fact);
    ledger.apply(fact);
  };
  const pool = { name: 'main', grid: 'local' as const, sites: ['north'], cores: 2, memoryMb: 3000 };
  ledger.apply({
    is: 'pool',
    at: 1,
    pool: { ...pool, walltimeSeconds: 86_400, python: 'python3', resources: { GPU: 1 } },
  });
  ledger.apply({
    is: 'intent',
    at: 2,
    mark: 'm1',
    pool: 'main',
    site: 'north',
    lives: ['main-1', 'main-2'],
    token: 'join-1',
    expires: 1000,
  });
  if (answered) ledger.apply({ is: 'submitted', at: 3, mark: 'm1', jobs: ['17', '18'] });
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const identities = new Identities(ClusterAuthority.create(), relay, 'me', 'ttbar-1a2b3c', '00'.repeat(32));
  const enrolment = new Enrolment(
    ledger,
    record,
    identities,
    () => (described ? environment : undefined),
    () => now,
  );
  const enrol = (change: Partial<typeof request> = {}, shown = 'join-1') =>
    enrolment.enrol(shown, { ...request, secret: identities.joinSecret('join-1'), ...change });
  return { ledger, facts, enrol };
}
const code = (answer: Awaited<ReturnType<Enrolment['enrol']>>): string =>
  answer.status === 200 ? 'admitted' : answer.body.code;

describe('Enrolment', () => {
  it('gives a worker its own name, key, certificate and limits', async () => {
    const { enrol, ledger } = cluster();
    const answer = await enrol();
    assert.ok(answer.status === 200);
    const { identity, ...rest } = answer.body;
    assert.deepEqual(rest, {
      scheduler: 'relay://scheduler:8786',
      name: 'main-1',
      nthreads: 2,
      memoryBytes: 3_000_000_000,
      resources: { GPU: 1 },
      deathTimeoutSeconds: 120,
      lifetimeSeconds: 86_100,
    });
    assert.equal(new X509Certificate(identity.tls.cert ?? '').subject, 'O=sitespan\nOU=worker\nCN=main-1');
    assert.equal(identity.credential.role, 'worker');
    assert.equal(ledger.life('main-1')?.phase, 'enrolled');
  });

  it('lets the same job in again as its own successor, and revokes the predecessor', async () => {
    const { enrol, ledger } = cluster();
    await enrol();
    const again = await enrol({ pid: 99 });
    assert.ok(again.status === 200);
    assert.equal(again.body.name, 'main-1_2');
    assert.deepEqual(ledger.revoked, ['main-1']);
    const third = await enrol();
    assert.ok(third.status === 200);
    assert.equal(third.body.name, 'main-1_3');
  });

  it('gives two starts that come at once two names', async () => {
    const { enrol } = cluster();
    const answers = await Promise.all([enrol(), enrol()]);
    assert.deepEqual(
      answers.map((answer) => answer.status === 200 && answer.body.name),
      ['main-1', 'main-1_2'],
    );
  });

  it('tells a wrong token from one that is revoked, expired or spent', async () => {
    assert.equal(code(await cluster().enrol({ token: 'made-up' })), 'token-unknown');
    assert.equal(code(await cluster({ now: 1000 }).enrol()), 'token-expired');
    const { enrol, ledger } = cluster();
    assert.equal(code(await enrol({ job: '666' })), 'job-unknown');
    await enrol();
    await enrol({ job: '18' });
    assert.equal(code(await enrol({ job: '19' })), 'token-spent');
    ledger.apply({ is: 'token-revoked', at: 9, token: 'join-1' });
    assert.equal(code(await enrol()), 'token-revoked');
  });

  it('refuses a token other than the one by which the relay let the caller through', async () => {
    assert.equal(code(await cluster().enrol({}, 'join-2')), 'token-unknown');
  });

  it('refuses who knows the token and not its secret, as a relay does', async () => {
    const { enrol, facts } = cluster();
    for (const secret of ['', 'ab'.repeat(32)]) assert.equal(code(await enrol({ secret })), 'token-unknown');
    assert.deepEqual(facts, []);
  });

  it('refuses the job of a worker that was ended', async () => {
    const { enrol, ledger } = cluster();
    ledger.apply({ is: 'life', at: 4, life: 'main-1', phase: 'ended', evidence: 'scaled down' });
    assert.equal(code(await enrol()), 'job-unknown');
  });

  it('asks for patience while the grid has not answered or the cluster is not described', async () => {
    assert.equal((await cluster({ answered: false }).enrol()).status, 503);
    assert.equal((await cluster({ described: false }).enrol()).status, 503);
  });

  it('refuses another Python, and says both versions in the answer and in the life', async () => {
    const { enrol, ledger } = cluster();
    const answer = await enrol({ environment: { ...environment, python: '3.9.18' } });
    assert.equal(code(answer), 'environment-differs');
    assert.match(
      ledger.life('main-1')?.snapshot().steps.at(-1)?.evidence ?? '',
      /3\.9\.18 there, 3\.11\.7 in the cluster/,
    );
    assert.equal(ledger.life('main-1')?.ended, true);
  });

  it('does not end a worker that works because its token was shown from another environment', async () => {
    const { enrol, ledger } = cluster();
    await enrol();
    assert.equal(code(await enrol({ environment: { ...environment, python: '3.9.18' } })), 'environment-differs');
    assert.equal(ledger.life('main-1')?.ended, false);
  });

  it('keeps what the worker found on its node, with what is not as it was asked for', async () => {
    const { enrol, ledger } = cluster();
    const answer = await enrol({ node: { cores: 1, memoryMb: 16_000, walltimeLeftSeconds: 3600, time: 573 } });
    const { steps = [], warnings } = ledger.life('main-1')?.snapshot() ?? {};
    assert.equal(steps.at(-1)?.evidence, 'node7, process 12, Python 3.11.7; 1 core, 16 GB of memory, 60 min left');
    assert.deepEqual(warnings, [
      '1 core found, 2 asked for: its tasks share them.',
      "60 min left of the site's time, 24 h asked for.",
      "Clock 73 s off: the node's is ahead of this computer's.",
    ]);
    // It leaves before the site ends it.
    assert.equal(answer.status === 200 && answer.body.lifetimeSeconds, 3300);
  });

  it('lets in a worker that does not look at its node, or tells nonsense of it', () => {
    const { node: _, ...old } = request;
    assert.deepEqual(enrolRequest.parse(old).node, {});
    const { node } = enrolRequest.parse({ ...request, node: { cores: 'many', diskFreeMb: 300, more: 1 } });
    assert.deepEqual(JSON.parse(JSON.stringify(node)), { diskFreeMb: 300 });
  });

  it('keeps harmless differences as warnings of the life', async () => {
    const { enrol, ledger } = cluster();
    await enrol({ environment: { ...environment, packages: { ...environment.packages, numpy: '2.3.0' } } });
    assert.deepEqual(ledger.life('main-1')?.snapshot().warnings, ['numpy is 2.3.0 there and 2.4.6 in the cluster.']);
  });
});
