import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { exitOf } from '../../../src/base/child/kept.js';
import { type LeashedResult, runLeashed } from '../../../src/base/child/leashed.js';
import { until } from '../../../src/base/waiting.js';
import { calls } from '../../../src/keeper/api.js';
import { ClusterRig, Home, processesOf, root } from '../../rigs/cluster/clusterRig.js';
import { OldRelease } from '../../rigs/cluster/oldRelease.js';

const newProgram = join(root, 'dist', 'cli.mjs');
const seen = z.object({ name: z.string(), phase: z.literal('working'), sites: z.array(z.unknown()) });

const cli = (program: string, ...args: string[]): Promise<LeashedResult> =>
  runLeashed({ command: process.execPath, args: [program, ...args], timeoutMs: 110_000 });

for (const file of readdirSync(join(root, 'test', 'fixtures', 'releases'))) {
  const version = file.replace(/\.tgz$/, '');
  describe(`version ${version} and this one`, () => {
    let home: Home;
    let old: OldRelease;
    let rig: ClusterRig | undefined;

    before(async () => {
      home = await Home.make();
      old = await OldRelease.unpack(version);
    });
    after(async () => {
      await rig?.close();
      await home?.remove();
      await old?.dispose();
    });

    /** What every version can say of any cluster, then its end. */
    const looksAtAndEnds = async (program: string, name: string): Promise<void> => {
      const list = await cli(program, 'list', '--json');
      assert.equal(list.exitCode, 0, list.stderr);
      assert.deepEqual(
        z
          .array(seen)
          .parse(JSON.parse(list.stdout))
          .map((one) => one.name),
        [name],
      );
      const status = await cli(program, 'status', name, '--json');
      assert.equal(seen.parse(JSON.parse(status.stdout)).name, name, status.stderr);
      const down = await cli(program, 'down', name);
      assert.equal(down.exitCode, 0, down.stderr);
      assert.deepEqual(processesOf(home.folder), []);
    };

    it('an old cluster works with the new program: it computes and scales', async () => {
      rig = await ClusterRig.make({ name: 'old', bundle: old.bundle });
      await rig.addPool(1);
      const source = 'from dask.distributed import Client\nresult = Client().submit(sum, [1, 2]).result(timeout=60)';
      assert.equal(await rig.run(source), 3);
      await rig.scale(2);
      await rig.scale(1);
    });

    it('an old keeper says in one sentence that it is older than what it is asked', async () => {
      const client = rig?.client ?? assert.fail();
      const later = { path: '/v1/pool/paint', request: z.strictObject({ colour: z.string() }), answer: z.object({}) };
      await assert.rejects(client.call(later, { colour: 'red' }), {
        code: 'call-unknown',
        message:
          /^This keeper does not know POST \/v1\/pool\/paint; it is older than what calls it\. Close the cluster and make it again/,
      });
      const request = calls.scalePool.request.extend({ gently: z.boolean().default(false) });
      const gentler = { ...calls.scalePool, request };
      await client.call(gentler, { pool: 'main', workers: 1, gently: false });
      await assert.rejects(client.call(gentler, { pool: 'main', workers: 1, gently: true }), {
        code: 'keeper-other-version',
        message:
          /^The keeper of .* is of another version than this program .*gently.*; do it without that, or end the cluster/,
      });
      const confirmed = calls.scalePool.request.extend({ confirmed: z.boolean().default(false) });
      await client.call({ ...calls.scalePool, request: confirmed }, { pool: 'main', workers: 1, confirmed: true });
    });

    it('an old keeper that is dead is started with the code its cluster was born with, and all goes on', async () => {
      const { folder } = rig?.client ?? assert.fail();
      await rig?.kill('keeper');
      await until(async () => (await exitOf(folder.keeper)) !== undefined, {
        timeoutMs: 60_000,
        what: "The keeper's end",
      });
      const status = await cli(newProgram, 'status', 'old', '--json');
      assert.equal(status.exitCode, 0, status.stderr);
      assert.ok(
        processesOf(home.folder).some((line) => line.includes(`${folder.program} keeper --folder ${folder.path}`)),
      );
      assert.deepEqual(await readFile(folder.program), await readFile(old.program));
      await rig?.when(({ pools }) => pools[0]?.lives.working === 1);
      await looksAtAndEnds(newProgram, 'old');
      rig?.client.dispose();
      rig = undefined;
    });

    it('a new cluster works with the old program', async () => {
      const made = await ClusterRig.make({ name: 'new' });
      rig = made;
      await made.addPool(1);
      made.client.dispose();
      await looksAtAndEnds(old.program, 'new');
      rig = undefined;
    });

    it('settings of a later version, or damaged ones, are said to be so', async () => {
      const made = await ClusterRig.make({ name: 'settings' });
      rig = made;
      const { folder } = made.client;
      const text = await readFile(folder.settings, 'utf8');
      const says = async (written: string): Promise<string> => {
        await writeFile(folder.settings, written);
        const said = await cli(newProgram, 'status', 'settings');
        assert.equal(said.exitCode, said.stderr === '' ? 0 : 1);
        return said.stderr;
      };
      assert.equal(await says(JSON.stringify({ ...JSON.parse(text), later: { idleMinutes: 5 } })), '');
      assert.match(
        await says(JSON.stringify({ ...JSON.parse(text), version: 2 })),
        /^sitespan: The cluster in .* was made by a newer version of Sitespan .*; update this one, or use the cluster's own: .*bundle\/cli\.mjs\.\n$/,
      );
      assert.match(
        await says(text.slice(0, 40)),
        /^sitespan: The settings .* cannot be read .*; put that file back.*\n$/,
      );
      await writeFile(folder.settings, text);
    });
  });
}
