import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endKept, keptOf } from '../../../src/base/child/kept.js';
import { sleep, until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { type Fact, type FactOf, fact } from '../../../src/keeper/fact.js';
import { Identities } from '../../../src/keeper/identities.js';
import { KernelHosts, type KernelWish } from '../../../src/keeper/kernelHosts.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { fakeKernelsHost } from './fakeKernelsHost.js';
import { scratchHome } from './scratchHome.js';
import { standIn } from './standIn.js';

describe('KernelHosts', () => {
  const cluster = (): ClusterFolder => new ClusterFolder(join(home(), 'cluster'));
  // Before the scratch folder goes, and what is known of the children with it.
  afterEach(async () => {
    for (const id of ['k1', 'k2', 'k3']) await endKept(cluster().kernel(id), { graceMs: 0 });
  });
  const home = scratchHome();
  let facts: Fact[];
  let python: string;
  beforeEach(async () => {
    facts = [];
    python = await standIn(join(home(), 'python'), fakeKernelsHost);
  });
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const identities = new Identities(ClusterAuthority.create(), relay, 'me', 'ttbar-1a2b3c', 'ab'.repeat(32));

  const kernels = (
    record = async (fact: Fact): Promise<void> => void facts.push(fact),
    idleMinutes = 1440,
  ): KernelHosts => new KernelHosts(cluster(), identities, record, idleMinutes);
  const wish = (cwd = home(), variables: Record<string, string> = {}, coffeaCasa = false): KernelWish => ({
    cwd,
    python,
    variables,
    coffeaCasa,
  });
  const known = (): FactOf<'kernel'>[] => facts.filter((fact) => fact.is === 'kernel');
  const ends = (): Map<string, string> =>
    new Map(facts.flatMap((fact) => (fact.is === 'kernel-ended' ? [[fact.id, fact.why]] : [])));
  const phases = (of: KernelHosts): string[] => of.snapshots.map(({ id, phase }) => `${id} ${phase}`).sort();
  const allAre = (of: KernelHosts, phase: string): Promise<void> =>
    until(
      async () => {
        await of.look(0);
        return of.snapshots.every((snapshot) => snapshot.phase === phase);
      },
      { timeoutMs: 5000, everyMs: 20, what: `Kernels that are ${phase}` },
    );

  it('writes a kernel down before it starts it', async () => {
    const refuse = async (): Promise<void> => {
      throw new Error('disk full');
    };
    await assert.rejects(kernels(refuse).start(wish()), /disk full/);
    assert.equal(await keptOf(cluster().kernel('k1')), undefined);
  });

  it('starts none while the cluster is closed, and is closed only when what it was starting is there to be ended', async () => {
    let noting = (): void => undefined;
    const noted = new Promise<void>((resolve) => {
      noting = resolve;
    });
    const one = kernels(async (fact) => {
      noting();
      // A disk takes its time.
      await sleep(20);
      facts.push(fact);
    });
    const starting = one.start(wish());
    await noted;
    await one.close();
    assert.notEqual(await keptOf(cluster().kernel('k1')), undefined);
    await starting;
    await assert.rejects(one.start(wish()), { code: 'cluster-closing' });
    await assert.rejects(one.restart('k1'), { code: 'cluster-closing' });
    assert.equal(await keptOf(cluster().kernel('k2')), undefined);
  });

  it('starts each kernel under a name of its own, also two at once', async () => {
    // A disk takes its time.
    const one = kernels(async (fact) => {
      await sleep(20);
      facts.push(fact);
    });
    const begun = await Promise.all([one.start(wish(home(), { A: '1' })), one.start(wish())]);
    assert.deepEqual(begun.map(({ id }) => id).sort(), ['k1', 'k2']);
    await allAre(one, 'idle');
    // Which of the two comes first is the disk's doing.
    const told = known().map(({ id, cwd, variables }) => [id, cwd, Object.keys(variables).length]);
    const [withVariable, without] = begun.map(({ id }) => id);
    assert.deepEqual(
      told.sort(),
      [
        [withVariable, home(), 1],
        [without, home(), 0],
      ].sort(),
    );
  });

  it('needs a folder that is there, given by its whole path', async () => {
    await writeFile(join(home(), 'file'), '');
    for (const cwd of [join(home(), 'none'), join(home(), 'file'), '.', 'relative']) {
      await assert.rejects(kernels().start(wish(cwd)), { code: 'folder-missing' });
    }
    assert.deepEqual(facts, []);
  });

  it('takes over what an earlier keeper started; what has ended meanwhile stays ended', async () => {
    const first = kernels();
    await first.start(wish());
    await first.start(wish());
    await allAre(first, 'idle');
    await first.end('k1', 'its owner shut it down');
    const next = kernels();
    await next.adopt(known(), ends());
    await next.look(0);
    assert.deepEqual(phases(next), ['k1 dead', 'k2 idle']);
    assert.equal((await next.start(wish())).id, 'k3');
  });

  it('never uses an id again, also where one in between was never written down', async () => {
    const first = kernels(async (fact) => {
      if (fact.is === 'kernel' && fact.id === 'k1') throw new Error('disk full');
      facts.push(fact);
    });
    await assert.rejects(first.start(wish()), /disk full/);
    assert.deepEqual(phases(first), []);
    await first.start(wish());
    const next = kernels();
    await next.adopt(known(), ends());
    await next.end('k2', 'its owner shut it down');
    assert.equal((await next.start(wish())).id, 'k3');
  });

  it("keeps whether coffea-casa's address is meant, also in the journal of a keeper that knew nothing of it", async () => {
    await kernels().start(wish(home(), {}, true));
    assert.deepEqual(
      known().map(({ coffeaCasa }) => coffeaCasa),
      [true],
    );
    const older = { is: 'kernel', at: 1, id: 'k1', cwd: '/', python: '/python', variables: {} };
    assert.deepEqual(fact.parse(older), { ...older, coffeaCasa: false });
  });

  it('says when one of them has changed', async () => {
    const one = kernels();
    await one.start(wish());
    await allAre(one, 'idle');
    assert.equal(await one.look(0), false);
    await mkdir(cluster().kernel('k1'), { recursive: true });
    await writeFile(join(cluster().kernel('k1'), 'state.json'), '{"kernel": "busy", "cells": {}}');
    assert.equal(await one.look(0), true);
    assert.deepEqual(phases(one), ['k1 busy']);
  });

  it('gives a notebook its living kernel, also to two who ask at once, and a new one when that has ended', async () => {
    const one = kernels();
    const ask = () => one.start({ ...wish(), notebook: 'file:///n.ipynb' });
    const asked = await Promise.all([ask(), ask()]);
    assert.deepEqual(
      asked.map(({ id, notebook }) => [id, notebook]),
      Array(2).fill(['k1', 'file:///n.ipynb']),
    );
    await allAre(one, 'idle');
    assert.equal((await ask()).id, 'k1');
    assert.equal((await one.start({ ...wish(), notebook: 'file:///other.ipynb' })).id, 'k2');
    await one.end('k1', 'its owner shut it down');
    assert.equal((await ask()).id, 'k3');
    // The next keeper knows whose they are.
    const next = kernels();
    await next.adopt(known(), ends());
    assert.equal((await next.start({ ...wish(), notebook: 'file:///n.ipynb' })).id, 'k3');
  });

  it('makes a kernel another notebook’s, which was renamed, also for the next keeper', async () => {
    const one = kernels();
    await one.start({ ...wish(), notebook: 'untitled:1' });
    await allAre(one, 'idle');
    await one.assign('k1', 'file:///n.ipynb');
    assert.equal(one.get('k1').snapshot.notebook, 'file:///n.ipynb');
    const asked = await readFile(join(cluster().kernel('k1'), 'asked.jsonl'), 'utf8');
    assert.deepEqual(JSON.parse(asked), ['/v1/document-moved', { before: 'untitled:1', now: 'file:///n.ipynb' }]);
    assert.equal((await one.start({ ...wish(), notebook: 'file:///n.ipynb' })).id, 'k1');
    assert.deepEqual(facts.at(-1), { ...facts.at(-1), is: 'kernel-notebook', id: 'k1', notebook: 'file:///n.ipynb' });
    assert.equal((await one.start({ ...wish(), notebook: 'untitled:1' })).id, 'k2');
  });

  it('ends a kernel that nobody has use for, says why, and leaves those alone that somebody looks at', async () => {
    const one = kernels(undefined, 30);
    await one.start(wish());
    await one.start(wish());
    await allAre(one, 'idle');
    await writeFile(join(cluster().kernel('k1'), 'state.json'), '{"active": 1000}');
    await writeFile(join(cluster().kernel('k2'), 'state.json'), '{"active": 1000, "looked": 2000}');
    await one.look(1000 + 30 * 60 - 1);
    assert.deepEqual(phases(one), ['k1 idle', 'k2 idle']);
    assert.equal(await one.look(1000 + 30 * 60), true);
    assert.deepEqual(phases(one), ['k1 dead', 'k2 idle']);
    const { problem, ended } = one.get('k1').snapshot;
    assert.equal(problem, undefined);
    assert.match(ended ?? '', /nothing to do for 30 minutes/);
    assert.deepEqual([...ends()], [['k1', ended]]);
  });

  it('ends what a keeper that was killed had decided to end', async () => {
    const first = kernels();
    await first.start(wish());
    await allAre(first, 'idle');
    facts.push({ is: 'kernel-ended', at: 1, id: 'k1', why: 'its owner shut it down' });
    const next = kernels();
    await next.adopt(known(), ends());
    await next.look(0);
    assert.deepEqual(phases(next), ['k1 dead']);
    assert.equal(next.get('k1').snapshot.ended, 'its owner shut it down');
  });

  it('writes down that one which was ended runs again', async () => {
    const one = kernels();
    await one.start({ ...wish(), notebook: 'file:///n.ipynb' });
    await allAre(one, 'idle');
    await one.end('k1', 'its owner shut it down');
    await one.restart('k1');
    await allAre(one, 'idle');
    assert.equal(one.get('k1').snapshot.ended, undefined);
    assert.deepEqual(
      facts.map((fact) => [fact.is, 'notebook' in fact ? fact.notebook : undefined]),
      [
        ['kernel', 'file:///n.ipynb'],
        ['kernel-ended', undefined],
        ['kernel', 'file:///n.ipynb'],
      ],
    );
  });

  it('keeps a kernel whose notebook was renamed, also for the next keeper', async () => {
    const one = kernels();
    await one.start({ ...wish(), notebook: '/old.ipynb' });
    await allAre(one, 'idle');
    await one.assign('k1', '/new.ipynb');
    assert.equal(one.get('k1').snapshot.notebook, '/new.ipynb');
    assert.equal((await one.start({ ...wish(), notebook: '/new.ipynb' })).id, 'k1');
    const ledger = new Ledger();
    for (const fact of facts) ledger.apply(fact);
    assert.deepEqual(
      ledger.kernels.map(({ id, notebook }) => [id, notebook]),
      [['k1', '/new.ipynb']],
    );
  });

  it('knows no kernel that it was not asked for', () => {
    assert.throws(() => kernels().get('k7'), { code: 'kernel-unknown', message: /k7/ });
  });
});
