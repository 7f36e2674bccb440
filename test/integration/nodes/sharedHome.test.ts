import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LeashedResult } from '../../../src/base/child/leashed.js';
import { unlessAbsent } from '../../../src/base/systemError.js';
import { until } from '../../../src/base/waiting.js';
import { LoginNode } from '../../rigs/nodes/loginNode.js';

const named = z.object({ id: z.string() });
const listed = z.array(z.object({ name: z.string(), id: z.string() }));
const sumOfSquares = 2_646_700;

describe('login nodes that share a home', () => {
  let home: string;
  const nodes: LoginNode[] = [];
  let [first, second]: LoginNode[] = [];
  let ids: string[] = [];

  const node = async (host: string): Promise<LoginNode> => {
    const made = await LoginNode.make(host, home);
    nodes.push(made);
    return made;
  };
  const list = async (of: LoginNode | undefined): Promise<string[]> => {
    const said = await of?.cli('list', '--json');
    assert.equal(said?.exitCode, 0, said?.stderr);
    return listed.parse(JSON.parse(said.stdout)).map(({ id }) => id);
  };
  /** One sentence, no stack. */
  const refused = (said: LeashedResult | undefined, sentence: RegExp): void => {
    assert.equal(said?.exitCode, 1, said?.stdout);
    assert.match(said?.stderr ?? '', sentence);
    assert.equal(said?.stderr.trim().split('\n').length, 1, said?.stderr);
  };

  before(async () => {
    home = await mkdtemp('/var/tmp/sitespan-home-');
    first = await node('lxplus901');
    second = await node('lxplus902');
    const made = await Promise.all([first, second].map((of) => of?.ask('makeCluster', ['shared'])));
    ids = made.map((said) => named.parse(said).id);
  });
  after(async () => {
    await Promise.all(nodes.map((of) => of.dispose()));
    await rm(home, { recursive: true, force: true });
  });

  it('each see their own clusters only, of the same name too', async () => {
    assert.notEqual(ids[0], ids[1]);
    assert.deepEqual(await list(first), [ids[0]]);
    assert.deepEqual(await list(second), [ids[1]]);
  });

  it('do not touch what a node of the same host name runs, and say where it is', async () => {
    const third = await node('lxplus901');
    assert.deepEqual(await list(third), []);
    for (const command of ['status', 'down']) {
      refused(
        await third.cli(command, 'shared'),
        /The cluster shared runs in another container or on another computer/,
      );
    }
    await assert.rejects(third.ask('makeCluster', ['shared']), /cluster-elsewhere|runs in another container/);
    assert.deepEqual(await list(first), [ids[0]]);
    await third.dispose();
  });

  it('make one cluster of a name, however many ask at once', async () => {
    const asked = await Promise.allSettled([1, 2].map(() => second?.ask('makeCluster', ['twin'])));
    const refusals = asked.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    assert.equal(refusals.length, 1);
    assert.match(refusals[0] ?? '', /There is a cluster twin on this computer already/);
    assert.equal((await second?.cli('down', 'twin'))?.exitCode, 0);
  });

  it('keep their clusters when their host name changes, to whatever', async () => {
    for (const name of ['a new name; $(touch x) "', '..', 'lxplus901']) {
      await second?.rename(name);
      assert.deepEqual(await list(second), [ids[1]], name);
    }
    const status = await second?.cli('status', 'shared', '--json');
    assert.equal(named.parse(JSON.parse(status?.stdout ?? '')).id, ids[1]);
    await second?.rename('lxplus902');
  });

  it('go on when the other one ends its cluster', async () => {
    const begun = join(home, 'begun');
    const computing = second?.ask('compute', ['shared', '10', begun]);
    await Promise.race([
      computing,
      until(async () => (await unlessAbsent(readFile(begun))) !== undefined, { timeoutMs: 100_000, what: 'The start' }),
    ]);
    assert.notDeepEqual(await first?.processes(), []);
    const down = await first?.cli('down', 'shared');
    assert.equal(down?.exitCode, 0, down?.stderr);
    assert.deepEqual(await list(first), []);
    assert.deepEqual(await first?.processes(), []);
    assert.deepEqual(await computing, { result: sumOfSquares });
    assert.deepEqual(await list(second), [ids[1]]);
  });
});
