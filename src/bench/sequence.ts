import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { positive } from './arguments.js';
import { CuttingProxy } from './cuttingProxy.js';
import { type BenchOptions, BenchRig } from './rig.js';

const startMs = 30_000;
const cutEveryMs = 1000;
/** What an end may take longer than it was told to. */
const slackMs = 120_000;

/** The last word of an end (python/src/sitespan/bench/sequence.py). */
const endSchema = z.object({
  end: z.string(),
  ok: z.boolean(),
  resumed: z.int().nonnegative(),
  received: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
  why: z.string().optional(),
});

/**
 * `sitespan bench sequence`: messages each way over one comm while one side of it is cut every second, the listener's
 * and the dialler's in turn, by FIN and by RST in turn. A cut of the listener's side takes its control connection, too.
 *
 * @returns 1 if a message was lost, doubled or out of order, or if nothing was resumed (the cuts then missed)
 */
export async function benchSequence(argv: readonly string[], options: BenchOptions): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { messages: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '60' } },
  });
  const messages = positive('--messages', values.messages);
  const seconds = positive('--seconds', values.seconds);
  const date = new Date().toISOString();
  const result = await BenchRig.use(options, (rig) => exchange(rig, messages, seconds, options.signal));
  const ok = result.ends.every((end) => end.ok && end.resumed > 0);
  process.stdout.write(
    `${date}, load ${loadavg()[0]?.toFixed(1) ?? '?'}\nsitespan bench sequence --messages ${messages} --seconds ${seconds}\n\n` +
      `${result.ends.map(sentence).join('\n')}\n${result.cuts} cuts; ${ok ? 'nothing lost, doubled or out of order' : 'NOT all in order'}\n`,
  );
  return ok ? 0 : 1;
}

async function exchange(rig: BenchRig, messages: number, seconds: number, signal: AbortSignal) {
  const relay = await rig.startRelay('relay');
  const start = async (role: 'scheduler' | 'client') => {
    const proxy = rig.hold(await CuttingProxy.listen(relay.port));
    // One cluster, two ways to its relay: each end's own proxy.
    const folder = await rig.writeIdentities('sequence', proxy.port, [[role, role]]);
    const args = ['sitespan.bench.sequence', role === 'client' ? 'dialler' : 'listener', `${messages}`, `${seconds}`];
    const end = rig.startPython(`The sequence's ${role}`, args, join(folder, `${role}.json`));
    await end.line(startMs, signal);
    return { end, proxy };
  };
  const listener = await start('scheduler');
  const dialler = await start('client');
  let cuts = 0;
  const timer = setInterval(() => {
    const side = cuts % 2 === 0 ? dialler : listener;
    side.proxy.cut(cuts % 4 < 2 ? 'FIN' : 'RST');
    cuts++;
  }, cutEveryMs);
  try {
    const limit = seconds * 1000 + slackMs;
    const said = await Promise.all([dialler.end.line(limit, signal), listener.end.line(limit, signal)]);
    return { cuts, ends: said.map((line) => endSchema.parse(JSON.parse(line))) };
  } finally {
    clearInterval(timer);
  }
}

function sentence({ end, ok, resumed, received, seconds, why }: z.infer<typeof endSchema>): string {
  const fault = ok ? 'all in order, none twice' : `FAILED: ${why ?? 'it did not say why'}`;
  return `${end}: ${received} messages received in ${seconds.toFixed(1)} s, ${resumed} times resumed, ${fault}`;
}
