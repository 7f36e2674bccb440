import assert from 'node:assert/strict';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { calls } from '../../../src/keeper/api.js';
import { ClusterRig, example, Home, python, root, runExample } from '../../rigs/cluster/clusterRig.js';
import { assertSameNumbers, isRecord } from '../../rigs/cluster/sameNumbers.js';
import { FileServer } from '../../rigs/http/fileServer.js';

/** The analysis of the example without its pictures; `result` is what any two runs must agree on. */
const analysis = `
import os
from coffea import processor
from dask.distributed import Client
from utils.checks import numbers
from utils.fileset import read_fileset
from utils.processor import TtbarProcessor
from utils.schema import ReducedNanoAODSchema

client = Client()
run = processor.Runner(
    executor=processor.DaskExecutor(client=client, status=False, retries=5),
    schema=ReducedNanoAODSchema,
    chunksize=int(os.environ["CHUNKSIZE"]),
)
output = run(read_fileset(os.environ["AGC_DATA"]), TtbarProcessor())
result = numbers(output)
`;

/** The same on single files: cut-by-cut counts and the momenta of the selected objects. */
const selection = `
import os
from coffea import processor
from dask.distributed import Client
from utils.processor import TtbarProcessor
from utils.schema import ReducedNanoAODSchema

client = Client()
result = {}
for path in os.environ["FILES"].split(":"):
    fileset = {"sample": {"files": {path: "Events"}, "metadata": {"process": "real", "variation": "nominal"}}}
    run = processor.Runner(executor=processor.DaskExecutor(client=client, status=False), schema=ReducedNanoAODSchema)
    output = run(fileset, TtbarProcessor(objects=True))
    momenta = {kind: pt.value.tolist() for kind, pt in output["objects"]["sample"].items()}
    cuts = {cut: int(count) for cut, count in output["cutflow"]["sample"].items()}
    result[path] = {"cutflow": cuts, "pt": momenta}
`;

/** The same by plain uproot and numpy, event by event: code of its own, which shares nothing with the example. */
const independent = `
import json, sys
from pathlib import Path
from independent import select
result = {}
for path in sys.argv[1:]:
    found = select(Path(path))
    result[path] = {"cutflow": found.cutflow, "pt": {kind: [float(x) for x in pt] for kind, pt in found.pt.items()}}
print(json.dumps(result))
`;

describe('results over the relay', () => {
  let home: Home;
  let rig: ClusterRig;
  let folder: string;
  let plain: unknown;

  before(async function () {
    this.timeout(240_000);
    home = await Home.make();
    folder = await mkdtemp(join(tmpdir(), 'agc-'));
    await runExample('make_data.py', folder, '--scale', '0.005');
    await runExample('run_plain.py', folder, join(folder, 'plain.json'), '--chunksize', '100000');
    plain = JSON.parse(await readFile(join(folder, 'plain.json'), 'utf8'));
    rig = await ClusterRig.make();
    await rig.addPool(1);
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const analyse = (chunksize: number, data = folder) =>
    rig.run(analysis, { AGC_DATA: data, CHUNKSIZE: String(chunksize) }, example);

  for (const workers of [1, 2, 4]) {
    it(`are those of the same processor without Dask, with ${workers} workers`, async () => {
      await rig.scale(workers);
      assertSameNumbers(await analyse(5000), plain);
    });
  }

  it('are the same when a worker is killed in the middle, and its life says how it ended', async () => {
    const before = (await rig.client.call(calls.clusterState, {})).total.events;
    const running = analyse(250);
    const some = await rig.when(({ total }) => total.events > before + 2000);
    assert.ok(some.total.events < before + 45_000, 'the run was over before the worker could be killed');
    const victim = (await rig.lives()).find((life) => life.phase === 'working');
    assert.ok(victim?.job);
    await rig.kill('local', 'jobs', victim.job);
    assertSameNumbers(await running, plain);
    const ended = (await rig.lives()).find((life) => life.name === victim.name);
    assert.equal(ended?.phase, 'ended');
    assert.match(ended.steps.at(-1)?.evidence ?? '', /kill|vanish|signal|137/i);
  });

  it('show the bytes that the file server has sent, and the events that the analysis has seen', async () => {
    const server = await FileServer.start(folder);
    const served = await mkdtemp(join(tmpdir(), 'agc-served-'));
    const fresh = await ClusterRig.make({ name: 'bytes' });
    try {
      await runExample('make_data.py', served, '--scale', '0.005', '--prefix', server.url);
      await fresh.addPool(2);
      const result = await fresh.run(analysis, { AGC_DATA: served, CHUNKSIZE: '5000' }, example);
      assertSameNumbers(result, plain);
      const sent = server.bytes;
      const { total } = await fresh.when((snapshot) => snapshot.tasks.processing === 0);
      const events = sumOf(plain, 'events');
      assert.equal(total.events - total.again.events, events);
      assert.ok(Math.abs(total.bytes - sent) <= 0.01 * sent, `${total.bytes} bytes shown, ${sent} sent`);
    } finally {
      await fresh.close();
      server.stop();
      await rm(served, { recursive: true, force: true });
    }
  });

  it('are right on real CMS NanoAOD (where ../shared/data has it)', async function () {
    const files = ['nano_dy.root', 'nano_dimuon.root'].map((name) => join(root, '..', 'shared', 'data', name));
    try {
      await Promise.all(files.map((file) => access(file)));
    } catch {
      this.skip();
    }
    const plainly = await runLeashed({
      command: python,
      args: ['-c', independent, ...files],
      cwd: join(root, 'python', 'tests', 'agc'),
      timeoutMs: 60_000,
    });
    assert.equal(plainly.exitCode, 0, plainly.stderr);
    const found = await rig.run(selection, { FILES: files.join(':') }, example);
    assert.deepEqual(found, JSON.parse(plainly.stdout));
    assert.ok(JSON.stringify(found).length > 200, 'nothing was selected');
  });
});

function sumOf(numbers: unknown, part: string): number {
  assert.ok(isRecord(numbers) && isRecord(numbers[part]));
  return Object.values(numbers[part]).reduce<number>((sum, value) => sum + Number(value), 0);
}
