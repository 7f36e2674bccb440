import { open, stat } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';
import { parseTenants } from './tenantsFile.js';

/**
 * The users of a relay and their keys, from a file of mode 0600: `{"tenants": {"me": "<64 hex>"}}`.
 *
 * It is all that a relay must be told, and it is looked at before every use: a tenant that is written there is served
 * at once, one that is removed is not. While the file is wrong the last good one counts.
 */
export class Tenants {
  private constructor(
    private readonly path: string,
    private readonly onBadFile: (error: unknown) => void,
    private version: string,
    private keys: ReadonlyMap<string, string>,
  ) {}

  /** @throws SitespanError `tenants-unreadable` */
  static async open(path: string, onBadFile: (error: unknown) => void): Promise<Tenants> {
    const { version, keys } = await readTenants(path);
    return new Tenants(path, onBadFile, version, keys);
  }

  /** The user key of a tenant, in hex; undefined where there is no such tenant. */
  async userKey(tenant: string): Promise<string | undefined> {
    await this.refresh();
    return this.keys.get(tenant);
  }

  private async refresh(): Promise<void> {
    let found = 'absent';
    try {
      found = versionOf(await stat(this.path));
      if (found === this.version) return;
      const { version, keys } = await readTenants(this.path);
      this.version = version;
      this.keys = keys;
    } catch (error) {
      if (found === this.version) return;
      // Once for each bad version, not once for each caller.
      this.version = found;
      this.onBadFile(error);
    }
  }
}

async function readTenants(path: string): Promise<{ version: string; keys: ReadonlyMap<string, string> }> {
  try {
    const file = await open(path, 'r');
    try {
      // Of the open file, not of the path: it could be another by now.
      const found = await file.stat();
      if ((found.mode & 0o077) !== 0) {
        throw new SitespanError(
          'tenants-unreadable',
          `The relay does not use the tenants file ${path} because others can read it; run chmod 600 on it.`,
        );
      }
      const tenants = parseTenants(await file.readFile('utf8'), path);
      return { version: versionOf(found), keys: new Map(Object.entries(tenants)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (SitespanError.is(error)) throw error;
    throw new SitespanError(
      'tenants-unreadable',
      `The relay cannot read its tenants file ${path} on this computer; see that it is there, and its own user's.`,
      { cause: error },
    );
  }
}

function versionOf(found: { ino: number; size: number; mtimeMs: number; mode: number; ctimeMs: number }): string {
  return [found.ino, found.size, found.mtimeMs, found.ctimeMs, found.mode].join(' ');
}
