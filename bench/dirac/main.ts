// `npm run bench -- dirac`: what 500 workers cost a real DIRAC, in bulks as we submit them, and by one call a worker without a sandbox.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracGrid } from '../../src/grid/dirac/diracGrid.js';
import type { JobId, JobIntent } from '../../src/grid/grid.js';
import { DiracGate } from '../../test/rigs/dirac/diracGate.js';
import { DiracRig, sites } from '../../test/rigs/dirac/diracRig.js';

const workers = 500;
const folder = await mkdtemp(join(tmpdir(), 'sitespan-bench-'));
await writeFile(join(folder, 'start.sh'), '#!/bin/sh\n');
const rig = await DiracRig.start();
const gate = await DiracGate.start(rig);
const calls = new Map<string, number>();
const answers: number[] = [];
gate.onPass = async ({ method, when, bytes }) => {
  if (when === 'asked') calls.set(method, (calls.get(method) ?? 0) + 1);
  else if (method === 'getJobsStatus') answers.push(bytes);
};
const grid = new DiracGrid('bench', rig.spec('alice', { url: gate.url }));

/** Nobody runs them: that site has no nodes. */
const intent = (mark: string, count: number): JobIntent => ({
  ...{ mark, sites: [sites.brunel], count, cores: 1, memoryMb: 0, walltimeSeconds: 3600 },
  ...{ sandbox: folder, executable: 'start.sh', environment: {} },
});

async function measured(what: string, work: () => Promise<readonly JobId[]>): Promise<readonly JobId[]> {
  calls.clear();
  const begun = performance.now();
  const jobs = await work();
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const sum = [...calls.values()].reduce((all, one) => all + one, 0);
  console.log(`${what}: ${seconds} s, ${sum} calls (${[...calls].map(([name, n]) => `${n} ${name}`).join(', ')})`);
  return jobs;
}

console.log(`${new Date().toISOString()}, load ${loadavg()[0]?.toFixed(1) ?? '?'}\nnpm run bench -- dirac\n`);
try {
  const bulks = await measured(`${workers} workers in bulks`, () => grid.submit(intent('bench.bulk', workers)));
  const begun = performance.now();
  for (let n = 0; n < workers; n++) {
    const jdl = `[ JobGroup = "bench.one"; Executable = "/bin/true"; Site = "${sites.brunel}"; ]`;
    await rig.call('alice', 'WorkloadManagement/JobManager', 'submitJob', jdl);
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${workers} workers, each by a call and a connection of its own: ${seconds} s, ${workers} calls`);
  await measured(`the first look at ${workers} jobs`, async () => {
    await grid.watch(bulks);
    return bulks;
  });
  await measured(`the next look at ${workers} jobs`, async () => {
    await grid.watch(bulks);
    return bulks;
  });
  console.log(`getJobsStatus of ${workers} jobs answers ${Math.max(...answers)} B`);
} finally {
  await grid.dispose();
  await gate.stop();
  await rig.stop();
  await rm(folder, { recursive: true, force: true });
}
