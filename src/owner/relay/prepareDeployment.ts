import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../../base/errors.js';
import { privateFolder } from '../../base/privateFolder.js';
import { configPath } from '../../base/runtimePaths.js';
import { unlessAbsent } from '../../base/systemError.js';
import { writeAtomically, writeOnce } from '../../base/writeAtomically.js';
import { tenantsText } from '../../relay/tenantsFile.js';
import {
  type Deployment,
  type DeploymentNote,
  deploymentIn,
  isRelayName,
  noteFile,
  readNote,
  usualRelayPort,
} from './deployment.js';
import { deploymentPage } from './deploymentPage.js';
import { issueRelayCertificate, newRelayAuthority, relayCertificateDays } from './relayAuthority.js';
import { checkGivenCertificate, endOf, isFor } from './relayCertificate.js';
import { relayUnit } from './relayUnit.js';
import { checkUserName, newRelayKey } from './relayUsers.js';
import { isSshHost } from './ssh.js';

/** Paths on this computer, both PEM. */
interface GivenFiles {
  readonly cert: string;
  readonly key: string;
}

export interface DeploymentWish {
  /** As ssh knows it. */
  readonly host: string;
  /** By which others reach it; the host's name unless told otherwise or before. */
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** The first user's name; `me` unless told otherwise or before. */
  readonly user?: string | undefined;
  /**
   * Files of a certificate that others gave; `own`: the relay's own authority signs one, unless a good one is there; `renewed`: it
   * signs another in any case. As before unless told; at first `own`.
   */
  readonly certificate?: GivenFiles | 'own' | 'renewed' | undefined;
  /** Our program on this computer, one file. */
  readonly program: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/**
 * Makes, in a folder on this computer, all that a relay for others needs; what was made before is kept, above all keys.
 *
 * @throws SitespanError `relay-address`, `relay-user-name`, `relay-certificate`, `ssh-host`; the storage's
 */
export async function prepareDeployment(wish: DeploymentWish): Promise<Deployment> {
  if (!isSshHost(wish.host)) {
    throw new SitespanError('ssh-host', `${JSON.stringify(wish.host)} is no host: that is HOST or USER@HOST.`);
  }
  const address = (wish.address ?? wish.host.replace(/^.*@/, '')).toLowerCase();
  if (!isRelayName(address)) {
    throw new SitespanError(
      'relay-address',
      `${JSON.stringify(address)} is no name or IPv4 address by which others could reach a relay; give one with --address.`,
    );
  }
  // Such a name is no way out of the folder: it has no "/" and begins with no dot.
  const folder = join(configPath(), 'relays', address);
  const before = await readNote(folder);
  const given = typeof wish.certificate === 'object' ? wish.certificate : undefined;
  const note: DeploymentNote = {
    ...{ version: 1, host: wish.host, address },
    port: wish.port ?? before?.port ?? usualRelayPort,
    user: wish.user ?? before?.user ?? 'me',
    certificate:
      given !== undefined ? 'given' : wish.certificate === undefined ? (before?.certificate ?? 'own') : 'own',
  };
  checkUserName(note.user);
  await mkdir(configPath(), { recursive: true, mode: 0o700 });
  await privateFolder(join(configPath(), 'relays'));
  await privateFolder(folder);
  const deployment = deploymentIn(folder, note, given !== undefined);
  if (given !== undefined) await takeCertificate(deployment, given, wish.now);
  else if (note.certificate === 'own') await ownCertificate(deployment, wish);
  await writeOnce(deployment.userKeyFile, `${newRelayKey()}\n`);
  const key = (await readFile(deployment.userKeyFile, 'utf8')).trim();
  await writeAtomically(deployment.tenantsFile, tenantsText({ [note.user]: key }));
  await writeAtomically(deployment.unitFile, relayUnit('/usr/bin/node', note.port), 0o644);
  await writeAtomically(deployment.pageFile, deploymentPage(deployment, wish.program), 0o644);
  await writeAtomically(join(folder, noteFile), `${JSON.stringify(note, null, 2)}\n`);
  return deployment;
}

async function takeCertificate(
  { certificateFile, keyFile, address }: Deployment,
  files: GivenFiles,
  now: number,
): Promise<void> {
  const [cert, key] = [await readGiven(files.cert), await readGiven(files.key)];
  checkGivenCertificate({ cert, key }, files, address, now);
  await writeAtomically(keyFile, key);
  await writeAtomically(certificateFile, cert, 0o644);
}

async function readGiven(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SitespanError('relay-certificate', `${path} cannot be read on this computer; give another file.`, {
      cause,
    });
  });
}

/** Keeps the certificate that is there as long as it is for this address and has half of its time left. */
async function ownCertificate(deployment: Deployment, { certificate, now }: DeploymentWish): Promise<void> {
  const { folder, certificateFile, keyFile, address } = deployment;
  const [cert, key] = [join(folder, 'authority.pem'), join(folder, 'authority.key')];
  const before = await unlessAbsent(readFile(key, 'utf8'));
  const beforeCert = await unlessAbsent(readFile(cert, 'utf8'));
  const authority =
    before !== undefined && beforeCert !== undefined ? { cert: beforeCert, key: before } : newRelayAuthority(now);
  if (authority.key !== before) {
    await writeAtomically(key, authority.key);
    await writeAtomically(cert, authority.cert, 0o644);
  }
  if (certificate !== 'renewed' && (await isGood(certificateFile, keyFile, authority.cert, address, now))) return;
  const issued = issueRelayCertificate(authority, address, now);
  await writeAtomically(keyFile, issued.key);
  await writeAtomically(certificateFile, issued.cert, 0o644);
}

async function isGood(
  certFile: string,
  keyFile: string,
  authority: string,
  address: string,
  now: number,
): Promise<boolean> {
  const [cert, key] = [await unlessAbsent(readFile(certFile)), await unlessAbsent(readFile(keyFile))];
  if (cert === undefined || key === undefined) return false;
  try {
    const certificate = new X509Certificate(cert);
    const signed = certificate.verify(new X509Certificate(authority).publicKey);
    const fits = signed && certificate.checkPrivateKey(createPrivateKey(key));
    return fits && isFor(certificate, address) && endOf(certificate) - now > (relayCertificateDays / 2) * 86_400_000;
  } catch {
    return false;
  }
}
