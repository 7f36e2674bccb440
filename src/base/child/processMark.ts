import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { isSystemError } from '../systemError.js';

/** Names one process for ever: its number alone would soon name another, also after a restart of the computer. */
export const processMarkSchema = z.object({
  pid: z.int().positive(),
  /** When it started, in the system's own words: ticks since boot (Linux), date (macOS). */
  started: z.string().min(1),
  boot: z.string().min(1),
  /** Whose numbers these are: the pid namespace (Linux). Containers of one computer share its boot and count for themselves. */
  pids: z.string().min(1).optional(),
  /** The computer, for telling a restart from another computer of the same host name (Linux, where it has a machine-id). */
  machine: z.string().min(1).optional(),
});

export type ProcessMark = Readonly<z.infer<typeof processMarkSchema>>;

/** The mark of a process that runs now; `undefined` if there is none. A zombie is none. */
export async function processMark(pid: number = process.pid): Promise<ProcessMark | undefined> {
  const started = process.platform === 'linux' ? (await linuxProcess(pid))?.started : await portableStart(pid);
  return started === undefined ? undefined : { pid, started, ...(await place()) };
}

/** Whether that very process still runs. */
export async function isAlive(mark: ProcessMark): Promise<boolean> {
  const now = await processMark(mark.pid);
  return now !== undefined && now.started === mark.started && isOfThisPlace(mark, now);
}

/**
 * Where a mark was made: `here`, on this computer since its start and with the same process numbers; `gone`, on this computer
 * before it was started again; `elsewhere`, in another container or on another computer, as far as can be told.
 *
 * Of a mark from elsewhere nothing can be told by looking at processes, and nothing may be ended by its number.
 */
export async function whereIs(mark: ProcessMark): Promise<'here' | 'gone' | 'elsewhere'> {
  const here = await place();
  if (isOfThisPlace(mark, here)) return 'here';
  if (process.platform !== 'linux') return 'gone';
  const bothBare = mark.pids === barePids && here.pids === barePids;
  return bothBare && mark.machine !== undefined && mark.machine === here.machine ? 'gone' : 'elsewhere';
}

/**
 * Whether anything of the process group that `leader` made still runs, the leader itself or not.
 *
 * Sound because no new process gets a number that a group still uses.
 */
export async function isGroupAlive(leader: ProcessMark): Promise<boolean> {
  if ((await whereIs(leader)) !== 'here') return false;
  const now = await processMark(leader.pid);
  if (now !== undefined) return now.started === leader.started;
  return hasLiveGroup(leader.pid);
}

type Place = Pick<ProcessMark, 'boot' | 'pids' | 'machine'>;

/** The pid namespace outside of all containers: PROC_PID_INIT_INO of Linux, always the same. */
const barePids = 'pid:[4026531836]';

/** A mark of an earlier version names no namespace: then the boot must do. */
function isOfThisPlace(mark: Place, here: Place): boolean {
  return mark.boot === here.boot && (mark.pids === undefined || mark.pids === here.pids);
}

function place(): Promise<Place> {
  placeNow ??= findPlace();
  return placeNow;
}

async function findPlace(): Promise<Place> {
  if (process.platform !== 'linux') return { boot: await bootId() };
  const id = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim();
  // It is not for others to know, says machine-id(5); its hash does.
  const machine =
    id === '' ? {} : { machine: createHash('sha256').update(`sitespan ${id}`).digest('hex').slice(0, 16) };
  return { boot: await bootId(), pids: await readlink('/proc/self/ns/pid'), ...machine };
}

let placeNow: Promise<Place> | undefined;

/** Another after each start of the computer. */
async function bootId(): Promise<string> {
  if (process.platform === 'linux') return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const { stdout } = await promisify(execFile)('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']);
  return stdout.trim();
}

interface LinuxProcess {
  readonly group: number;
  readonly started: string;
}

/** From /proc/PID/stat (proc(5)): fields 3 (state), 5 (group), 22 (start). The name, field 2, may hold blanks and brackets. */
async function linuxProcess(pid: number): Promise<LinuxProcess | undefined> {
  const stat = await readStat(pid);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const started = fields[19];
  if (state === undefined || 'ZX'.includes(state) || group === undefined || started === undefined) return undefined;
  return { group: Number(group), started };
}

async function readStat(pid: number): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // ESRCH: it ended between opening and reading.
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ESRCH')) return undefined;
    throw error;
  }
}

async function hasLiveGroup(group: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    const rows = await ps(['-A', '-o', 'pgid=,stat=']);
    return rows.some((row) => new RegExp(`^\\s*${group}\\s+[^ZX]`).test(row));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    if ((await linuxProcess(pid))?.group === group) return true;
  }
  return false;
}

async function portableStart(pid: number): Promise<string | undefined> {
  const [row] = await ps(['-o', 'stat=,lstart=', '-p', String(pid)]);
  return /^\s*[^ZX\s]\S*\s+(\S.*)$/.exec(row ?? '')?.[1];
}

/** Rows of `ps`; none where it finds nothing, which it says with exit code 1. */
async function ps(args: readonly string[]): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)('/bin/ps', args, { env: { LC_ALL: 'C', TZ: 'UTC' }, timeout: 10_000 });
    return stdout.split('\n').filter((row) => row.trim() !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 1) return [];
    throw error;
  }
}
