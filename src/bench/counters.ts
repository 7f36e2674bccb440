import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type BenchOptions, BenchRig } from './rig.js';

const limitMs = 600_000;
const mostPercent = 1;

/** What the client says (python/src/sitespan/bench/counting.py). Seconds. */
const resultSchema = z.object({
  events: z.int().positive(),
  bytes: z.int().positive(),
  chunks: z.int().positive(),
  cpu: z.number().positive(),
  hooks: z.number().nonnegative(),
  seconds: z.number().positive(),
});

/** `sitespan bench counters`: the share of a worker's CPU that the hooks of the throughput counters take. @returns 0 */
export async function benchCounters(argv: readonly string[], options: BenchOptions): Promise<number> {
  const root = dirname(options.bundle);
  const example = join(root, 'examples', 'agc-ttbar');
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string', default: join(root, 'data', 'agc-ttbar') } },
  });
  const date = new Date().toISOString();
  const found = await BenchRig.use(options, async (rig) => {
    const relay = await rig.startRelay('relay');
    const folder = await rig.writeIdentities('counters', relay.port, [
      ['client', 'client'],
      ['scheduler', 'scheduler'],
      ['worker', 'bench-1'],
    ]);
    const client = rig.startPython(
      "The benchmark's client",
      ['sitespan.bench.counting', '--folder', folder, '--data', resolve(values.data)],
      join(folder, 'client.json'),
      { PYTHONPATH: example },
    );
    return resultSchema.parse(JSON.parse(await client.line(limitMs, options.signal)));
  });
  const percent = (found.hooks / found.cpu) * 100;
  process.stdout.write(
    `${date}, load ${loadavg()[0]?.toFixed(1) ?? '?'}\nsitespan bench counters\n\n` +
      `${found.events} events, ${(found.bytes / 1e6).toFixed(1)} MB counted in ${found.chunks} chunks, ${found.seconds.toFixed(1)} s: ` +
      `${found.hooks.toFixed(4)} s that the hooks timed of themselves (wall) in ${found.cpu.toFixed(2)} s CPU of the worker: ` +
      `${percent.toFixed(3)} %; aim < ${mostPercent} %: ${percent < mostPercent ? 'met' : 'NOT met'}\n`,
  );
  return 0;
}
