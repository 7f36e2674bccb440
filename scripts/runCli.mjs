// Runs the bundled command line as a child that gets each signal once, and ends as it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { dist } from './paths.mjs';

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** npm passes on a Ctrl-C that the terminal has sent here already; a person's second one comes later than this. */
const sameSignalMs = 500;

/** @returns {Promise<number>} the exit code; 128 and the signal's number where a signal ended it. */
export async function runCli(args) {
  // A session of its own: the terminal's Ctrl-C reaches this process alone, which passes it on.
  const child = spawn(process.execPath, [join(dist, 'cli.mjs'), ...args], { stdio: 'inherit', detached: true });
  const last = new Map();
  const forward = (signal) => {
    const now = Date.now();
    if (now - (last.get(signal) ?? 0) < sameSignalMs) return;
    last.set(signal, now);
    child.kill(signal);
  };
  const resized = () => child.kill('SIGWINCH');
  for (const signal of ending) process.on(signal, forward);
  process.on('SIGWINCH', resized);
  try {
    const [code, signal] = await once(child, 'exit');
    return code ?? 128 + constants.signals[signal];
  } finally {
    for (const signal of ending) process.off(signal, forward);
    process.off('SIGWINCH', resized);
  }
}
