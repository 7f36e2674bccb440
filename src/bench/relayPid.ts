import { readdir, readFile } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';

/**
 * The process of a kept child that does the work: the newest that descends from the shell around it.
 *
 * Linux only (/proc), as are the CPU times that are measured.
 *
 * @throws SitespanError `bench-failed`
 */
export async function descendantRelayPid(leader: number): Promise<number> {
  const children = new Map<number, number[]>();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [leader];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  for (const pid of family) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.split('\0')[0]?.includes('node')) return pid;
  }
  throw new SitespanError('bench-failed', 'The relay of the bench was not found among the processes of this computer.');
}
