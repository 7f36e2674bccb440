import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readJournal } from '../../../src/base/journal.js';
import { until } from '../../../src/base/waiting.js';
import { makeProxy, proxyPem } from '../../../src/credentials/proxy.js';
import { writeProxy } from '../../../src/credentials/proxyFile.js';
import { openPair } from '../../../src/credentials/userCredential.js';
import { type ClusterSnapshot, calls, type LifeSnapshot } from '../../../src/keeper/api.js';
import { fact } from '../../../src/keeper/fact.js';
import { lifeDocument } from '../../../src/owner/lifeDocument.js';
import { ClusterRig, Home, processesOf, python } from '../../rigs/cluster/clusterRig.js';
import { DiracGate, type Passing } from '../../rigs/dirac/diracGate.js';
import { DiracRig, sites } from '../../rigs/dirac/diracRig.js';
import type { Person } from '../../rigs/dirac/pki.js';
import { oldPythonIn } from '../environment/prefixes.js';

const patienceMs = 120_000;
/** A relay that can be reached is found sooner, on a busy machine too. */
const enrolSeconds = 15;

const sum = `
from dask.distributed import Client

client = Client()
result = sum(client.gather(client.map(lambda x: x * x, range(100))))
`;
const sumOfSquares = 328_350;

describe('a cluster at a real DIRAC where fault follows fault', function () {
  this.timeout(300_000);
  let home: Home;
  let dirac: DiracRig;
  let gate: DiracGate;
  let rig: ClusterRig;
  /** Jobs of others under marks that are, or will be, ours. */
  let foreign: string[];

  before(async () => {
    home = await Home.make();
    dirac = await DiracRig.start();
    gate = await DiracGate.start(dirac);
    await renew('alice', 'gridpp_user');
    // He is not in it.
    await renew('bob', 'gridpp_user');
    const far = { sites: [sites.brunel] };
    rig = await ClusterRig.make({
      grids: {
        gridpp: dirac.spec('alice', { url: gate.url, proxy: proxyOf('alice') }),
        bobs: dirac.spec('bob', { ...far, proxy: proxyOf('bob') }),
        misnamed: dirac.spec('alice', { ...far, setup: 'Nope' }),
      },
      limits: { lostSeconds: 30, firstMatchSeconds: 5, enrolSeconds },
    });
    for (const [name, site] of Object.entries(sites)) await addPool(name, site);
    await addPool('old', sites.ralpp, { python: await oldPythonIn(join(dirname(dirac.pki.authority), 'old-python')) });
    await addPool('cut', sites.bristol, { python: await cutOffPython() });
    for (const grid of ['bobs', 'misnamed']) await addPool(grid, sites.brunel, { grid });
    // The first three marks.
    await Promise.all([scale('bristol', 1), scale('bobs', 1), scale('misnamed', 1)]);
    foreign = await submitAsOthers();
    await untilWorking('bristol', 1);
  });

  after(async () => {
    try {
      await rig?.close();
      assert.deepEqual(processesOf(home.folder), [], 'something was left running');
    } finally {
      await gate?.stop();
      await dirac?.stop();
      await home.remove();
    }
  });

  const proxyOf = (person: Person): string => join(dirname(dirac.pki.authority), `${person}.renewed`);

  /** As `sitespan proxy init` does. */
  const renew = async (person: Person, group: string, seconds = 3600): Promise<void> => {
    const files = [dirac.pki.certificate(person), dirac.pki.key(person)].map(async (path) => ({
      path,
      content: await readFile(path),
    }));
    const [certificate, key] = await Promise.all(files);
    assert.ok(certificate && key);
    await writeProxy(proxyOf(person), proxyPem(await makeProxy(openPair(certificate, key), { seconds, group })));
  };

  /** Of a site that lets nothing out: whoever starts it dials where nobody listens. */
  const cutOffPython = async (): Promise<string> => {
    const path = join(dirname(dirac.pki.authority), 'cut-off-python');
    const blind = `sed -i 's/"port": *[0-9]*/"port": 1/' "$one"`;
    const source = `#!/bin/sh\nfor one; do case $one in */join.json) ${blind};; esac; done\nexec ${python} "$@"\n`;
    await writeFile(path, source, { mode: 0o755 });
    return path;
  };

  const addPool = (name: string, site: string, more: { readonly grid?: string; readonly python?: string } = {}) =>
    rig.client.call(calls.createPool, { name, grid: 'gridpp', sites: [site], python, ...more });

  const scale = (pool: string, workers: number) => rig.client.call(calls.scalePool, { pool, workers });

  const lives = async (pool: string): Promise<LifeSnapshot[]> =>
    (await rig.lives()).filter((life) => life.pool === pool);

  const life = async (name: string): Promise<LifeSnapshot> => {
    const found = (await rig.lives()).find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  };

  /** What a person reads about it. */
  const told = async (name: string): Promise<string> => lifeDocument(await life(name), Date.now() / 1000, 'test');

  const untilLives = async (pool: string, what: string, wanted: (all: LifeSnapshot[]) => boolean): Promise<void> => {
    let last: LifeSnapshot[] = [];
    await until(
      async () => {
        last = await lives(pool);
        return wanted(last);
      },
      { timeoutMs: patienceMs, everyMs: 200, what: `In pool ${pool} ${what}` },
    ).catch(async (error: unknown) => {
      const { problems } = await rig.when(() => true);
      assert.fail(`${String(error)}\n${JSON.stringify({ problems, last }, null, 1)}`);
    });
  };

  /** The pool is whole: just so many work, and nothing else of it is there. */
  const untilWorking = (pool: string, workers: number): Promise<void> =>
    untilLives(pool, `${workers} working`, (all) => {
      const present = all.filter(({ phase }) => phase !== 'ended');
      return present.length === workers && present.every(({ phase }) => phase === 'working');
    });

  const untilEnded = (name: string): Promise<void> =>
    untilLives(name.replace(/-\d+$/, ''), `${name} ended`, (all) =>
      all.some((one) => one.name === name && one.phase === 'ended'),
    );

  /** Waits until the cluster says so of a grid. */
  const problemOf = async (grid: string, sentence: RegExp): Promise<void> => {
    const begins = `The grid ${grid} cannot be used now: `;
    let said: readonly string[] = [];
    const wanted = (snapshot: ClusterSnapshot): boolean => {
      said = snapshot.problems.map(({ message }) => message);
      return said.some((one) => one.startsWith(begins) && sentence.test(one));
    };
    await rig.when(wanted).catch((error: unknown) => assert.fail(`${String(error)}\n${said.join('\n')}`));
  };

  const noProblemOf = async (grid: string): Promise<void> => {
    await rig.when(({ problems }) => problems.every(({ message }) => !message.startsWith(`The grid ${grid} cannot`)));
  };

  const phasesOf = (all: readonly LifeSnapshot[]): string[] => all.map(({ name, phase }) => `${name} ${phase}`);

  /** DIRAC goes away in the middle of the next such call. */
  const goneDuring = ({ method, when }: Passing): void => {
    gate.onPass = async (passed) => {
      if (passed.method !== method || passed.when !== when) return;
      gate.onPass = async () => undefined;
      gate.shut();
      throw new Error('DIRAC has gone');
    };
  };

  /** Another user's under the marks that this cluster will use, and our own of another installation. */
  const submitAsOthers = async (): Promise<string[]> => {
    const { installation, id } = await rig.client.folder.readSettings();
    const ours = `sitespan.${installation}.${id.slice(-6)}`;
    const theirs = `sitespan.${installation === '000000' ? '111111' : '000000'}.${id.slice(-6)}`;
    const submit = async (person: Person, mark: string): Promise<string> => {
      const jdl = `[ JobGroup = "${mark}"; Executable = "/bin/true"; Site = "${sites.brunel}"; ]`;
      return String(await dirac.call(person, 'WorkloadManagement/JobManager', 'submitJob', jdl));
    };
    const jobs: string[] = [];
    // One after the other: the rig's DIRAC does not survive a dozen at once.
    for (let n = 4; n <= 12; n++) jobs.push(await submit('bob', `${ours}.${n}`));
    return [...jobs, await submit('alice', `${theirs}.1`)];
  };

  const statusesOf = async (jobs: readonly string[]): Promise<string[]> => {
    const answer = await dirac.call('admin', 'WorkloadManagement/JobMonitoring', 'getJobsStatus', jobs.map(Number));
    const statuses = z.record(z.string(), z.object({ Status: z.string() })).parse(answer);
    return jobs.map((job) => statuses[job]?.Status ?? 'unknown');
  };

  /** DIRAC's jobs under our marks are those of the journal, group by group, but for what others have put there. */
  const assertNothingDoubledOrOrphaned = async (): Promise<void> => {
    const facts = (await readJournal(rig.client.folder.journal)).map((entry) => fact.parse(entry));
    const journalled = facts.flatMap((one) =>
      one.is === 'submitted' ? [`${one.mark} ${[...one.jobs].sort().join()}`] : [],
    );
    const known = [...(await dirac.jobsOfGroups('sitespan.'))].flatMap(([mark, all]) => {
      const jobs = all.filter((job) => !foreign.includes(job)).sort();
      return jobs.length === 0 ? [] : [`${mark} ${jobs.join()}`];
    });
    assert.deepEqual(known.sort(), journalled.sort());
  };

  it('says who may not do what at the grid of whom DIRAC does not let in', async () => {
    await problemOf(
      'bobs',
      /DIRAC refused \w+\.\w+ at .*: .*there is no such group, or its owner is not in it.*a minute\. Workers that run there go on/,
    );
    assert.match(await told('bobs-1'), /"sitespan status test" says whether something hinders it/);
    // With the right group, DIRAC refuses for up to a minute more; meanwhile all else goes on below.
    await renew('bob', 'other_user');
  });

  it('waits for ever under a wrong setup, and says after a while what to look at', async () => {
    const { problems } = await rig.when((snapshot) => snapshot.problems.some(({ code }) => code === 'grid-unmatched'));
    const sentence = /the grid misnamed takes jobs, but none has got a place; check the setup Nope/;
    assert.match(problems.find(({ code }) => code === 'grid-unmatched')?.message ?? '', sentence);
    assert.match(await told('misnamed-1'), sentence);
    await scale('misnamed', 0);
    await rig.when((snapshot) => snapshot.problems.every(({ code }) => code !== 'grid-unmatched'));
  });

  it('computes while DIRAC is down, asks for nothing meanwhile, and is whole soon after', async () => {
    gate.shut();
    await problemOf(
      'gridpp',
      /DIRAC's JobMonitoring at localhost:\d+ did not answer this computer \((?:nothing listens there|it broke the connection off), \w+\); it is tried again\. Workers that run there go on/,
    );
    await scale('bristol', 2);
    assert.equal(await rig.run(sum), sumOfSquares);
    assert.deepEqual(phasesOf(await lives('bristol')), ['bristol-1 working']);
    await gate.open();
    await noProblemOf('gridpp');
    await untilWorking('bristol', 2);
    assert.deepEqual(phasesOf(await lives('bristol')), ['bristol-1 working', 'bristol-2 working']);
  });

  it('asks anew when a submission was lost with DIRAC, and does not blame the site', async () => {
    goneDuring({ method: 'submitJob', when: 'asked' });
    await scale('brunel', 3);
    await problemOf('gridpp', /did not answer/);
    await gate.open();
    await untilLives('brunel', '3 waiting again', (all) => all.filter(({ phase }) => phase === 'waiting').length === 3);
    assert.deepEqual(
      (await lives('brunel')).map(({ phase }) => phase),
      [...Array(3).fill('ended'), ...Array(3).fill('waiting')],
    );
    assert.match(await told('brunel-1'), /has ended: DIRAC's JobManager at localhost:\d+ did not answer this computer/);
    await noProblemOf('gridpp');
    await assertNothingDoubledOrOrphaned();
  });

  it('finds the jobs again that DIRAC took before it went down', async () => {
    goneDuring({ method: 'submitJob', when: 'answered' });
    await scale('brunel', 5);
    await problemOf('gridpp', /did not answer/);
    await gate.open();
    await untilLives('brunel', '5 waiting', (all) => all.filter(({ phase }) => phase === 'waiting').length === 5);
    assert.equal((await lives('brunel')).length, 8);
    await noProblemOf('gridpp');
    await assertNothingDoubledOrOrphaned();
    await scale('brunel', 0);
  });

  it('submits nothing with a proxy that has expired, and goes on by itself with a new one', async () => {
    await renew('alice', 'gridpp_user', 3);
    await problemOf(
      'gridpp',
      /The proxy \S+ on this computer expired at \d{4}-\S+; make a new one with "sitespan proxy init"\. Workers that run there go on/,
    );
    await scale('ralpp', 1);
    assert.equal(await rig.run(sum), sumOfSquares);
    assert.deepEqual(await lives('ralpp'), []);
    await renew('alice', 'gridpp_user');
    await noProblemOf('gridpp');
    await untilWorking('ralpp', 1);
  });

  it('replaces workers that are killed: by their node, and by an administrator of DIRAC', async () => {
    const [byNode, byAdmin] = [await life('ralpp-1'), await life('bristol-2')];
    assert.ok(byNode.job && byAdmin.job);
    await dirac.killPayload(byNode.job);
    await dirac.call('admin', 'WorkloadManagement/JobManager', 'killJob', [Number(byAdmin.job)]);
    await untilEnded('ralpp-1');
    await untilEnded('bristol-2');
    assert.match(
      await told('ralpp-1'),
      /has ended: Failed \(Application Finished With Errors\)\n[\s\S]*Its pool replaces it by itself/,
    );
    assert.match(
      await told('bristol-2'),
      /has ended: (?:Killed|Failed) \((?:Marked for termination|Received Kill signal)/,
    );
    await untilWorking('ralpp', 1);
    await untilWorking('bristol', 2);
  });

  it('says that a job whose sandbox is gone is back in the queue, and lets it go when it is told to', async () => {
    gate.onPass = async ({ method, when }) => {
      if (method === 'submitJob' && when === 'asked') await dirac.loseSandboxes();
    };
    await scale('ralpp', 2);
    let name = '';
    await untilLives('ralpp', 'one put back', (all) => {
      name = all.find(({ warnings }) => /back into the queue/.test(warnings.join()))?.name ?? '';
      return name !== '';
    });
    gate.onPass = async () => undefined;
    assert.match(
      await told(name),
      /The grid gridpp has put its job \d+ back into the queue \(Rescheduled \(.*Failed Downloading InputSandbox\)\); it starts again by itself/,
    );
    await scale('ralpp', 1);
    await untilEnded(name);
    await untilWorking('ralpp', 1);
  });

  it('asks no more of sites where the Python is wrong, or that do not let it reach the relay, and says which', async () => {
    await Promise.all([scale('old', 3), scale('cut', 3)]);
    const said = async (pool: string): Promise<string> => {
      const begins = `Pool ${pool} lost `;
      await untilLives(pool, 'none left', (all) => all.length > 0 && all.every(({ phase }) => phase === 'ended'));
      const { problems } = await rig.when((one) => one.problems.some(({ message }) => message.startsWith(begins)));
      return problems.find(({ message }) => message.startsWith(begins))?.message ?? '';
    };
    /** Of one that started. */
    const toldOf = async (pool: string): Promise<string> => {
      const failed = (await lives(pool)).find(({ steps }) => steps.every(({ phase }) => phase !== 'draining'));
      return told(failed?.name ?? 'none has failed');
    };
    assert.match(
      await said('old'),
      /at LCG\.UKI-SOUTHGRID-RALPP\.uk .*Python 3\.9\.1 there, 3\.\d+\.\d+ in the cluster/,
    );
    assert.match(await toldOf('old'), /Python 3\.9\.1 there[\s\S]*Its Python is not the cluster's/);
    assert.match(
      await said('cut'),
      /at LCG\.UKI-SOUTHGRID-BRIS-HEP\.uk .*its last words: .*cannot be reached: .*refused/,
    );
    assert.match(await toldOf('cut'), /could not reach the relay[\s\S]*docs\/firewall\.md/);
  });

  it('replaces workers whose node dies without a word, though DIRAC takes them for running', async () => {
    const lost = (await lives('bristol')).filter(({ phase }) => phase === 'working');
    await dirac.stopNodes(sites.bristol);
    for (const { name } of lost) await untilEnded(name);
    for (const { name } of lost) {
      assert.match(
        await told(name),
        /has ended: vanished without a word at \d{4}-.*the grid gridpp still says Running/,
      );
    }
    await dirac.startNodes(sites.bristol);
    await untilWorking('bristol', 2);
    assert.equal(await rig.run(sum), sumOfSquares);
    await assertNothingDoubledOrOrphaned();
  });

  it('is let in under the right group once DIRAC has forgotten the wrong one', async () => {
    await untilLives('bobs', 'one waiting', (all) => all.some(({ phase }) => phase === 'waiting'));
    await noProblemOf('bobs');
    assert.match(await told('bobs-1'), /has ended: DIRAC refused/);
    await scale('bobs', 0);
    await untilLives('bobs', 'none left', (all) => all.every(({ phase }) => phase === 'ended'));
  });

  it('needs no configuration server to go on', async () => {
    await dirac.loseConfiguration();
    const before = (await lives('brunel')).length;
    await scale('brunel', 1);
    // DIRAC's own nodes do need one to start a job.
    await untilLives('brunel', 'one more waiting', (all) => all.slice(before).some(({ phase }) => phase === 'waiting'));
    assert.equal(await rig.run(sum), sumOfSquares);
    const { problems } = await rig.when(() => true);
    assert.deepEqual(
      problems.filter(({ code }) => code !== 'pool-stopped'),
      [],
    );
  });

  it("has not ended a job of another's, whatever mark that bears, when it has ended its own", async () => {
    await rig.close();
    await until(async () => (await dirac.livingJobs()).every((job) => foreign.includes(job)), {
      timeoutMs: patienceMs,
      what: 'The end of our jobs',
    });
    assert.deepEqual(
      await statusesOf(foreign),
      foreign.map(() => 'Waiting'),
    );
  });
});
