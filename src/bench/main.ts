import { dirname, join, resolve } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { benchCounters } from './counters.js';
import type { BenchOptions } from './rig.js';
import { benchSequence } from './sequence.js';
import { runTransportBench } from './transport.js';

const usage = `sitespan bench transport [OPTIONS]; --help says more
sitespan bench sequence [--messages N] [--seconds N]
sitespan bench counters [--data FOLDER]`;

/** `sitespan bench WHAT`. @returns the exit code @throws SitespanError `usage` */
export async function runBench(argv: readonly string[]): Promise<number> {
  const [what, ...rest] = argv;
  if (what === 'transport') return runTransportBench(rest);
  if (what === 'sequence') return untilStopped((options) => benchSequence(rest, options));
  if (what === 'counters') return untilStopped((options) => benchCounters(rest, options));
  throw new SitespanError('usage', usage);
}

async function untilStopped(bench: (options: BenchOptions) => Promise<number>): Promise<number> {
  const bundle = dirname(resolve(process.argv[1] ?? ''));
  const python = process.env['SITESPAN_PYTHON'] ?? join(dirname(bundle), '.venv', 'bin', 'python');
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new SitespanError('stopped', 'Stopped.'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    return await bench({ python, bundle, signal: stopped.signal });
  } catch (error) {
    if (!SitespanError.is(error, 'stopped')) throw error;
    process.stderr.write('Stopped; nothing is left running.\n');
    return 130;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
