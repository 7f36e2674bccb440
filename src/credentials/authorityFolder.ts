import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { isSystemError, unlessAbsent } from '../base/systemError.js';
import { nameHash, oldNameHash } from './distinguishedName.js';
import { GridCertificate } from './gridCertificate.js';
import { pemBlocksOf } from './pem.js';
import { RevocationList } from './revocationList.js';
import { parseSigningPolicy } from './signingPolicy.js';

/** One authority that is trusted, with what lies beside its certificate. */
export interface Authority {
  readonly certificate: GridCertificate;
  readonly revocations: RevocationList | undefined;
  readonly policy: ReturnType<typeof parseSigningPolicy> | undefined;
}

/** Where grids' tools look for authorities: `$X509_CERT_DIR`, else the system's folder. */
export function usualAuthorityFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env['X509_CERT_DIR'] || '/etc/grid-security/certificates';
}

export const howToGetAuthorities =
  'ask your site for its folder of grid authorities, or install the IGTF bundle (Debian, Ubuntu: the EGI repository has "ca-policy-egi-core"; https://repository.egi.eu)';

/** Every authority of a folder by its name, and what is wrong with the folder, in sentences that name the authority. */
export class AuthorityFolder {
  private constructor(
    readonly path: string,
    private readonly authorities: ReadonlyMap<string, Authority>,
    /** What hinders nobody yet, but may: files with wrong names, lists out of date. */
    readonly warnings: readonly string[],
  ) {}

  /**
   * @param now to judge what has expired
   * @throws SitespanError `authorities-missing`
   */
  static async read(path: string, now = new Date()): Promise<AuthorityFolder> {
    const names = await namesIn(path);
    const warnings: string[] = [];
    const authorities = new Map<string, Authority>();
    for (const name of names.filter((one) => /^[0-9a-f]{8}\.\d+$/.test(one))) {
      const certificate = await certificateIn(join(path, name));
      if (certificate === undefined) {
        warnings.push(`${join(path, name)} is not a certificate.`);
        continue;
      }
      const hash = name.slice(0, 8);
      if (![nameHash(certificate.subject), oldNameHash(certificate.subject)].includes(hash)) {
        warnings.push(`${join(path, name)} should be ${nameHash(certificate.subject)}.0 (${certificate.dn}).`);
      }
      const known = authorities.get(certificate.dn);
      authorities.set(certificate.dn, {
        certificate,
        revocations: known?.revocations ?? (await revocationsIn(join(path, `${hash}.r0`), warnings)),
        policy: known?.policy ?? (await policyIn(join(path, `${hash}.signing_policy`))),
      });
    }
    if (authorities.size === 0) throw missing(path, 'has no certificate of an authority (files such as 1a2b3c4d.0)');
    return new AuthorityFolder(path, authorities, [...warnings, ...faultsOf(authorities, now)]);
  }

  get size(): number {
    return this.authorities.size;
  }

  /** By its name as `/C=UK/…`. */
  find(dn: string): Authority | undefined {
    return this.authorities.get(dn);
  }

  /** All certificates, PEM each, as TLS wants them. */
  get pem(): readonly string[] {
    return [...this.authorities.values()].map(({ certificate }) => certificate.pem);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) throw missing(path, 'does not exist', cause);
    if (isSystemError(cause, 'ENOTDIR')) throw missing(path, 'is not a folder', cause);
    throw missing(path, `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
}

function missing(path: string, why: string, cause?: unknown): SitespanError {
  return new SitespanError(
    'authorities-missing',
    `The folder of certification authorities ${path} on this computer ${why}; ${howToGetAuthorities}.`,
    cause === undefined ? {} : { cause },
  );
}

async function certificateIn(path: string): Promise<GridCertificate | undefined> {
  const content = await readFile(path);
  try {
    return new GridCertificate(pemBlocksOf(content.toString('latin1'), 'CERTIFICATE')[0]?.der ?? content);
  } catch {
    return undefined;
  }
}

async function revocationsIn(path: string, warnings: string[]): Promise<RevocationList | undefined> {
  const content = await unlessAbsent(readFile(path));
  if (content === undefined) return undefined;
  try {
    return new RevocationList(content);
  } catch {
    warnings.push(`${path} is not a revocation list; fetch it again with "fetch-crl".`);
    return undefined;
  }
}

async function policyIn(path: string): Promise<Authority['policy']> {
  const text = await unlessAbsent(readFile(path, 'utf8'));
  return text === undefined ? undefined : parseSigningPolicy(text);
}

function faultsOf(authorities: ReadonlyMap<string, Authority>, now: Date): string[] {
  return [...authorities].flatMap(([dn, { certificate, revocations, policy }]) => {
    const faults: string[] = [];
    if (certificate.notAfter < now)
      faults.push(`The authority ${dn} expired at ${certificate.notAfter.toISOString()}.`);
    if (!authorities.has(certificate.issuerDn)) {
      faults.push(`The authority above ${dn} (${certificate.issuerDn}) is missing.`);
    }
    if (policy !== undefined && !policy.some(({ authority }) => authority === dn)) {
      faults.push(`The signing policy of ${dn} is for another authority.`);
    }
    if (revocations !== undefined && !revocations.isSignedBy(certificate.x509.publicKey)) {
      faults.push(`The revocation list of ${dn} has a bad signature; fetch it again with "fetch-crl".`);
    } else if (revocations?.nextUpdate !== undefined && revocations.nextUpdate < now) {
      faults.push(
        `The revocation list of ${dn} is out of date since ${revocations.nextUpdate.toISOString()}; fetch it again with "fetch-crl".`,
      );
    }
    return faults;
  });
}
