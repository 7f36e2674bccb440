import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { SitespanError } from '../../base/errors.js';
import { inTurn } from '../../base/inTurn.js';
import { writeAtomically } from '../../base/writeAtomically.js';
import { nameSchema } from '../../relay/names.js';
import { parseTenants, type TenantKeys, tenantsText } from '../../relay/tenantsFile.js';

/** A tenants file, on this computer or on another. A running relay takes up what is written, without a restart. */
export interface TenantsPlace {
  /** For sentences: a path, and on which computer. */
  readonly where: string;
  read(): Promise<string>;
  /** All of it or nothing, mode 0600. */
  write(text: string): Promise<void>;
  /** Keeps others from changing it meanwhile, where that can be. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Adds a user to a relay. The key is told here and nowhere again.
 *
 * @returns the new user's key, the hex of 32 bytes
 * @throws SitespanError `relay-user-name`, `relay-user-exists`, `tenants-unreadable`; as the place
 */
export async function addRelayUser(place: TenantsPlace, name: string): Promise<string> {
  checkUserName(name);
  const key = newRelayKey();
  await change(place, (tenants) => {
    if (Object.hasOwn(tenants, name)) {
      throw new SitespanError(
        'relay-user-exists',
        `The relay knows a user ${name} already (${place.where}); a lost key is replaced by removing the user and adding it again.`,
      );
    }
    return { ...tenants, [name]: key };
  });
  return key;
}

/** The users' names, sorted. @throws SitespanError `tenants-unreadable`; as the place */
export async function relayUsers(place: TenantsPlace): Promise<readonly string[]> {
  return Object.keys(parseTenants(await place.read(), place.where)).sort();
}

/** @throws SitespanError `relay-user-unknown`, `tenants-unreadable`; as the place */
export async function removeRelayUser(place: TenantsPlace, name: string): Promise<void> {
  await change(place, (tenants) => {
    if (!Object.hasOwn(tenants, name)) {
      const there = Object.keys(tenants).sort().join(', ') || 'nobody';
      throw new SitespanError(
        'relay-user-unknown',
        `The relay knows no user ${name} (${place.where}); it knows ${there}.`,
      );
    }
    return Object.fromEntries(Object.entries(tenants).filter(([one]) => one !== name));
  });
}

/** @throws SitespanError `relay-user-name` */
export function checkUserName(name: string): void {
  if (nameSchema.safeParse(name).success) return;
  throw new SitespanError(
    'relay-user-name',
    `${JSON.stringify(name)} cannot be a user's name at a relay: that is up to 64 letters, digits, "-" or "_".`,
  );
}

export function newRelayKey(): string {
  return randomBytes(32).toString('hex');
}

/** The tenants file of a relay that runs on this computer. */
export function tenantsHere(path: string): TenantsPlace {
  return {
    where: `${path} on this computer`,
    read: () => readPrivate(path),
    write: (text) => writeAtomically(path, text),
    alone: (work) => inTurn(path, work),
  };
}

async function readPrivate(path: string): Promise<string> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new SitespanError(
      'tenants-unreadable',
      `The tenants file ${path} cannot be read on this computer; give the file that the relay was started with.`,
      { cause },
    );
  });
  try {
    if (((await file.stat()).mode & 0o077) === 0) return await file.readFile('utf8');
  } finally {
    await file.close();
  }
  throw new SitespanError('tenants-unreadable', `Others may read ${path}; close it first: chmod 600 ${path}`);
}

/** Of two that change it at once, neither may be lost. */
function change(place: TenantsPlace, work: (tenants: TenantKeys) => TenantKeys): Promise<void> {
  return place.alone(async () => place.write(tenantsText(work(parseTenants(await place.read(), place.where)))));
}
