import { readdir, readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import { configPath } from '../../base/runtimePaths.js';
import { unlessAbsent } from '../../base/systemError.js';

/** Where relays of others may usually be reached: an ordinary user can listen there, and sites often let it out. */
export const usualRelayPort = 8443;

/** What was decided, as it is kept in the folder. */
export const deploymentNote = z.object({
  version: z.literal(1),
  host: z.string(),
  address: z.string(),
  port: z.int().min(1).max(65_535),
  user: z.string(),
  certificate: z.enum(['own', 'given']),
});
export type DeploymentNote = Readonly<z.infer<typeof deploymentNote>>;

/** A relay that this user runs for others: what was decided, and where its files lie on this computer. */
export interface Deployment extends Omit<DeploymentNote, 'version'> {
  /** Mode 0700; all that follows lies in it, secrets with mode 0600. */
  readonly folder: string;
  /** To be pinned by who dials; undefined where the certificate is one that others gave. */
  readonly authority: string | undefined;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** For the relay's first start: it holds the first user alone. */
  readonly tenantsFile: string;
  /** The first user's key. */
  readonly userKeyFile: string;
  /** With Debian's Node, until one on the host is known. */
  readonly unitFile: string;
  /** What is to be done, to be read or handed over (deploymentPage.ts). */
  readonly pageFile: string;
  /** Whether the certificate was given in this very wish. */
  readonly certificateGivenNow: boolean;
}

/** The relay that was deployed from this computer on a host of that name for ssh, or under that address; undefined where none was. */
export async function knownDeployment(host: string): Promise<Deployment | undefined> {
  const relays = join(configPath(), 'relays');
  for (const name of (await unlessAbsent(readdir(relays))) ?? []) {
    const folder = join(relays, name);
    const note = await readNote(folder);
    if (note !== undefined && (note.host === host || note.address === host)) return deploymentIn(folder, note, false);
  }
  return undefined;
}

/** Whether a certificate can be for it: a DNS name or an IPv4 address. */
export function isRelayName(text: string): boolean {
  if (/^[0-9.]+$/.test(text)) return isIPv4(text);
  return /^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i.test(text) && text.length <= 253;
}

export const noteFile = 'deployment.json';

/** @returns undefined where none was made. @throws SitespanError `relay-deployment-damaged` */
export async function readNote(folder: string): Promise<DeploymentNote | undefined> {
  const path = join(folder, noteFile);
  const text = await unlessAbsent(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    return deploymentNote.parse(JSON.parse(text));
  } catch (cause) {
    throw new SitespanError(
      'relay-deployment-damaged',
      `${path} cannot be read; remove that file alone and deploy again: the keys beside it are kept.`,
      { cause },
    );
  }
}

/** Where everything of a deployment lies. */
export function deploymentIn(folder: string, note: DeploymentNote, certificateGivenNow: boolean): Deployment {
  const { version: _version, ...decided } = note;
  return {
    ...decided,
    folder,
    authority: note.certificate === 'own' ? join(folder, 'authority.pem') : undefined,
    certificateFile: join(folder, 'relay.pem'),
    keyFile: join(folder, 'relay.key'),
    tenantsFile: join(folder, 'tenants.json'),
    userKeyFile: join(folder, `${note.user}.user-key`),
    unitFile: join(folder, 'sitespan-relay.service'),
    pageFile: join(folder, 'DEPLOY.md'),
    certificateGivenNow,
  };
}
