import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A file that holds secrets, and those in it. */
export interface SecretFile {
  readonly path: string;
  readonly mode: number;
  readonly secrets: readonly string[];
}

/** Where secrets may lie: the third column of the first table of docs/security.md. */
const places: readonly RegExp[] = [
  /\/user\.key$/,
  /\/ca\.key$/,
  /\/relay\/(key\.pem|tenants\.json)$/,
  /\/(scheduler|jupyter)\/(identity\.json|token)$/,
  /\/kernels\/[^/]+\/identity\.json$/,
  /\/payload\/[^/]+\/join\.json$/,
  /\/jobs\/[^/]+\/work\/join\.json$/,
  /\/relays\/[^/]+\/((authority|relay)\.key|tenants\.json)$/,
  /\.user-key$/,
];

/** Whether docs/security.md lets secrets lie in that file; a file being written atomically counts as what it will be. */
export function maySecretsLieIn(path: string): boolean {
  const written = join(path, '..', basename(path).replace(/^\.(.+)\.[0-9a-f]{12}$/, '$1'));
  return places.some((place) => place.test(written));
}

/** The secrets in a text: keys in hex, tokens, and two lines of each private key, in PEM as it is or within JSON. */
export function secretsOf(path: string, text: string): string[] {
  const keys = [...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END/gs)].flatMap(([, body = '']) =>
    body.split(/\\n|\n/).filter((line) => line.length >= 40),
  );
  const hex = path.endsWith('.json')
    ? [...text.matchAll(/"(?:key|me|joinSecret)": ?"([0-9a-f]{64})"/g)].map(([, key = '']) => key)
    : [];
  const whole = /(user[.-]key|token)$/.test(path) ? [text.trim()] : [];
  return [...keys, ...hex, ...whole].filter((secret) => secret.length >= 16);
}

/** Every secret file below a folder, as far as it is there. */
export async function secretFilesBelow(folder: string): Promise<SecretFile[]> {
  const found: SecretFile[] = [];
  for (const path of await filesBelow(folder, (name) => name !== 'bundle')) {
    if (!maySecretsLieIn(path)) continue;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    const mode = await stat(path).then(
      (one) => one.mode & 0o777,
      () => undefined,
    );
    if (text !== undefined && mode !== undefined) found.push({ path, mode, secrets: secretsOf(path, text) });
  }
  return found;
}

/** Every regular file below a folder; what vanishes meanwhile is left out. */
export async function filesBelow(folder: string, enter: (name: string) => boolean = () => true): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return enter(entry.name) ? filesBelow(path, enter) : [];
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(below)).flat();
}
