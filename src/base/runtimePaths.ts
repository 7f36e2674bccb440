import { createHash } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { SitespanError } from './errors.js';
import { privateFolder } from './privateFolder.js';

/** Longest path of a unix socket on Linux (`sun_path` has 108 bytes with its end); macOS allows 103. */
const longestSocketPath = process.platform === 'darwin' ? 103 : 107;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `$XDG_STATE_HOME/sitespan/<host>`: one folder a cluster lies in it. Made, 0700.
 *
 * The host is part of it because homes are shared between login nodes and processes are not.
 */
export function stateFolder(env: Environment = process.env): Promise<string> {
  const base = absolute(env['XDG_STATE_HOME']) ?? join(absolute(env['HOME']) ?? homedir(), '.local', 'state');
  return privateFolder(join(base, 'sitespan', hostname().replaceAll(/[^A-Za-z0-9._-]/g, '_')));
}

/** `$XDG_RUNTIME_DIR/sitespan`, else `/tmp/sitespan-<uid>`: sockets lie in it. Made, 0700, its owner checked. */
export function runtimeFolder(env: Environment = process.env): Promise<string> {
  const base = absolute(env['XDG_RUNTIME_DIR']);
  return privateFolder(base === undefined ? `/tmp/sitespan-${process.getuid?.() ?? 0}` : join(base, 'sitespan'));
}

/**
 * Where the socket of `subject` lies, e.g. of a cluster's folder: the same subject, the same path.
 *
 * The name is a hash since cluster names may be long and Node cuts a path over the system's limit without a word.
 *
 * @throws SitespanError `socket-path-too-long`.
 */
export async function socketPath(subject: string, env: Environment = process.env): Promise<string> {
  const name = createHash('sha256').update(subject).digest('hex').slice(0, 20);
  return fittingSocketPath(join(await runtimeFolder(env), `${name}.sock`));
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

/** The XDG specification: a relative path is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
