// Runs a tool to its end. Whatever ends this process ends the tool first, so that nothing is left at work in the checkout.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './paths.mjs';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** How long the last output may be on its way when the tool has ended. */
const pipesMs = 2000;

/** Tools that run now: this process ends when the last of them has. */
const atWork = new Set();

/**
 * Runs `command` in a process group of its own, without standard input.
 *
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, limitMs?: number}} options `show` passes the output on
 *   instead of keeping it; after `limitMs` the whole group is killed.
 * @returns {Promise<{code: number | null, output: string, timedOut: boolean}>} `code` is null when a signal ended it.
 */
export function run(command, args, { cwd = root, env = process.env, show = false, limitMs } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { cwd, env, stdio, detached: true });
    atWork.add(child);
    const kill = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // The group is gone already.
      }
    };
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-200_000);
      });
    }
    let timedOut = false;
    let ending;
    const limit = setTimeout(
      () => {
        timedOut = true;
        kill('SIGKILL');
      },
      limitMs ?? 2 ** 31 - 1,
    );
    const interrupted = (signal) => {
      kill(signal);
      ending ??= { signal, force: setTimeout(kill, 5000, 'SIGKILL') };
    };
    for (const signal of forwarded) process.on(signal, interrupted);
    const settle = () => {
      clearTimeout(limit);
      atWork.delete(child);
      for (const signal of forwarded) process.off(signal, interrupted);
      if (ending === undefined) return;
      clearTimeout(ending.force);
      kill('SIGKILL');
      if (atWork.size === 0) process.exit(128 + constants.signals[ending.signal]);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    const ended = (code) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle();
      // Who waits for one that was interrupted must not begin the next: the others are waited for, and then this process ends.
      if (ending === undefined) resolve({ code, output, timedOut });
    };
    child.on('close', ended);
    // What it left running may hold its pipes open.
    child.on('exit', (code) => setTimeout(ended, pipesMs, code));
  });
}
