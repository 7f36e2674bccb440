import { readdir, readFile } from 'node:fs/promises';
import { until } from '../../../src/base/waiting.js';

/** Kills every process that has a folder in its environment or arguments: clusters that a test has left with their workers. */
export async function endProcessesOf(folder: string): Promise<void> {
  await until(
    async () => {
      const pids = await processesOf(folder);
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended meanwhile.
        }
      }
      return pids.length === 0;
    },
    { timeoutMs: 20_000, everyMs: 100, what: `The end of the processes of ${folder}` },
  );
}

/** The processes, but this one, that have a folder in their environment or arguments. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const read = (pid: string, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environment, command, stat] = await Promise.all([
        read(pid, 'environ'),
        read(pid, 'cmdline'),
        read(pid, 'stat'),
      ]);
      const isZombie = /\) Z /.test(stat);
      return !isZombie && (environment.includes(`${folder}/`) || command.includes(`${folder}/`)) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
