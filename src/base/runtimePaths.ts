import { createHash } from 'node:crypto';
import { access, constants, lstat, readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { SitespanError } from './errors.js';
import { privateFolder } from './privateFolder.js';
import { storageTrouble } from './storageTrouble.js';
import { unlessAbsent } from './systemError.js';
import { writeAtomically } from './writeAtomically.js';

/** Longest path of a unix socket on Linux (`sun_path` has 108 bytes with its end); macOS allows 103. */
export const longestSocketPath = process.platform === 'darwin' ? 103 : 107;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `$XDG_STATE_HOME/sitespan/<host>`: one folder a cluster lies in it. Made, 0700.
 *
 * The host is part of it because homes are shared between login nodes and processes are not.
 */
export function stateFolder(env: Environment = process.env, host: string = hostname()): Promise<string> {
  return privateFolder(statePath(env, host));
}

/** Where that folder is, or would be: nothing is made. */
export function statePath(env: Environment = process.env, host: string = hostname()): string {
  const base = absolute(env['XDG_STATE_HOME']) ?? join(absolute(env['HOME']) ?? homedir(), '.local', 'state');
  // A first dot would hide the folder, or be a way out of it: a host may be named "..".
  const name = host.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^(\.|$)/, '_');
  return join(base, 'sitespan', name);
}

/** `$XDG_CONFIG_HOME/sitespan`: what a person has set for all hosts. Nothing is made. */
export function configPath(env: Environment = process.env): string {
  const base = absolute(env['XDG_CONFIG_HOME']) ?? join(absolute(env['HOME']) ?? homedir(), '.config');
  return join(base, 'sitespan');
}

/**
 * Where sockets lie: the first that can be used of `$XDG_RUNTIME_DIR/sitespan`, `/tmp/sitespan-<uid>` and `.run` in the state
 * folder. Made, 0700, its owner checked.
 *
 * The first may not exist, be another user's (kept by `su`) or be open to all; the second may be somebody else's trap.
 *
 * @throws SitespanError `runtime-folder-unusable` with what is wrong with each
 */
export async function runtimeFolder(env: Environment = process.env): Promise<string> {
  const wrong: string[] = [];
  for (const candidate of runtimeCandidates(env)) {
    try {
      return await usable(await candidate());
    } catch (error) {
      wrong.push((error instanceof Error ? error.message : String(error)).replace(/\.$/, ''));
    }
  }
  throw new SitespanError(
    'runtime-folder-unusable',
    `Sockets can be put nowhere on this computer; set XDG_RUNTIME_DIR to a short path of a folder that is yours alone (${wrong.join('; ')}).`,
  );
}

/**
 * Where the socket of `subject` lies, the folder of a cluster or kernel: where its listener has noted it, else where it
 * would be put from here.
 *
 * Its name is a hash since cluster names may be long and Node cuts a path over the system's limit without a word.
 *
 * @throws SitespanError `runtime-folder-unusable`
 */
export async function socketPath(subject: string, env: Environment = process.env): Promise<string> {
  return (await notedSocket(subject)) ?? join(await runtimeFolder(env), socketName(subject));
}

/**
 * The same for who listens: notes it in the subject's folder, so that a caller with another environment finds it too, and
 * takes another when the folder of the noted one is gone: a computer may remove it when its user logs out.
 *
 * @throws SitespanError `runtime-folder-unusable`
 */
export async function claimSocketPath(subject: string, env: Environment = process.env): Promise<string> {
  const noted = await notedSocket(subject);
  if (noted !== undefined && (await isUsable(dirname(noted)))) return noted;
  const path = join(await runtimeFolder(env), socketName(subject));
  if (path !== noted) {
    // On a full disk it goes without: most callers come to the same path by themselves.
    await writeAtomically(join(subject, socketNote), path).catch((error: unknown) => {
      if (storageTrouble(error, '') === undefined) throw error;
    });
  }
  return path;
}

/** @throws SitespanError `socket-path-too-long` when no socket can be at `path`; else gives it back. */
export function fittingSocketPath(path: string): string {
  const bytes = Buffer.byteLength(path);
  if (bytes <= longestSocketPath) return path;
  throw new SitespanError(
    'socket-path-too-long',
    `The socket path ${path} has ${bytes} bytes and this computer allows ${longestSocketPath}; set XDG_RUNTIME_DIR to a shorter folder.`,
  );
}

/** File in the subject's folder that names its socket. */
const socketNote = 'socket';

/** A hash, always of the same length. */
export function socketName(subject: string): string {
  return `${createHash('sha256').update(subject).digest('hex').slice(0, 20)}.sock`;
}

async function notedSocket(subject: string): Promise<string | undefined> {
  // Whatever hinders reading it hinders its being there.
  const noted = await readFile(join(subject, socketNote), 'utf8').catch(() => undefined);
  return absolute(noted?.trim());
}

function runtimeCandidates(env: Environment): (() => Promise<string>)[] {
  const given = absolute(env['XDG_RUNTIME_DIR']);
  return [
    ...(given === undefined ? [] : [async () => join(await ownParent(given), 'sitespan')]),
    async () => `/tmp/sitespan-${process.getuid?.() ?? 0}`,
    async () => join(await stateFolder(env), '.run'),
  ];
}

/** Whoever may rename things in it could put a folder of theirs in the place of ours. */
async function ownParent(path: string): Promise<string> {
  const found = await unlessAbsent(lstat(path));
  if (found === undefined) return path;
  const isOpen = (found.mode & 0o022) !== 0 && (found.mode & 0o1000) === 0;
  if (isOpen || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new SitespanError('folder-not-private', `${path} is not this user's alone.`);
  }
  return path;
}

async function usable(folder: string): Promise<string> {
  fittingSocketPath(join(folder, socketName('')));
  await privateFolder(folder);
  await access(folder, constants.W_OK | constants.X_OK);
  return folder;
}

async function isUsable(folder: string): Promise<boolean> {
  return usable(folder).then(
    () => true,
    () => false,
  );
}

/** The XDG specification: a relative path is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
