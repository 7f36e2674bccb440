import { X509Certificate } from 'node:crypto';
import { bytesOf, type DerNode, dateOf, derOf, isTagged, oidOf, parseDer, partOf, partsOf } from './der.js';
import { distinguishedName } from './distinguishedName.js';
import { oids } from './oids.js';
import { pemBlocksOf, toPem } from './pem.js';

interface Extension {
  readonly critical: boolean;
  /** DER of its value. */
  readonly value: Buffer;
}

/** How a proxy certificate says what its holder may do (RFC 3820, 3.8). */
export interface ProxyPolicy {
  readonly critical: boolean;
  /** How many proxies may follow; undefined for any number. */
  readonly pathLength: number | undefined;
  /** OID of the policy language. */
  readonly language: string;
}

/**
 * A certificate as grids look at it: its names byte for byte, for a proxy repeats its issuer's name exactly, and the
 * extensions that Node does not show.
 */
export class GridCertificate {
  readonly x509: X509Certificate;
  readonly subject: DerNode;
  readonly issuer: DerNode;
  readonly serial: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  private readonly extensions: ReadonlyMap<string, Extension>;

  /** @throws Error where it is not an X.509 certificate */
  constructor(readonly der: Buffer) {
    this.x509 = new X509Certificate(der);
    const parts = partsOf(partOf(parseDer(der), 0));
    // Version 1 certificates have no version field.
    const [serial, , issuer, validity, subject] = isTagged(parts[0], 0) ? parts.slice(1) : parts;
    if (serial === undefined || issuer === undefined || validity === undefined || subject === undefined) {
      throw new TypeError('a certificate lacks one of its fields');
    }
    this.serial = bytesOf(serial);
    this.issuer = issuer;
    this.subject = subject;
    this.notBefore = dateOf(partOf(validity, 0));
    this.notAfter = dateOf(partOf(validity, 1));
    this.extensions = extensionsOf(parts.find((part) => isTagged(part, 3)));
  }

  /** The certificates of a PEM text, in order. */
  static all(pem: string): readonly GridCertificate[] {
    return pemBlocksOf(pem, 'CERTIFICATE').map(({ der }) => new GridCertificate(der));
  }

  get pem(): string {
    return toPem('CERTIFICATE', this.der);
  }

  /** `/C=UK/O=eScience/CN=ada lovelace` */
  get dn(): string {
    return distinguishedName(this.subject);
  }

  get issuerDn(): string {
    return distinguishedName(this.issuer);
  }

  /** Whether `issuer` bears the name that this one was issued under, byte for byte. */
  isNamedBy(issuer: GridCertificate): boolean {
    return derOf(this.issuer).equals(derOf(issuer.subject));
  }

  /** OIDs of the critical extensions. */
  get criticalExtensions(): readonly string[] {
    return [...this.extensions].filter(([, { critical }]) => critical).map(([id]) => id);
  }

  has(extension: string): boolean {
    return this.extensions.has(extension);
  }

  extension(id: string): DerNode | undefined {
    const found = this.extensions.get(id);
    return found === undefined ? undefined : parseDer(found.value);
  }

  /** Undefined where it is no proxy. */
  get proxyPolicy(): ProxyPolicy | undefined {
    const found = this.extensions.get(oids.proxyCertInfo);
    if (found === undefined) return undefined;
    const parts = partsOf(parseDer(found.value));
    const policy = parts.at(-1);
    if (policy === undefined) throw new TypeError('a proxy extension has no policy');
    const [length] = parts.length > 1 ? parts : [];
    return {
      critical: found.critical,
      pathLength: length === undefined ? undefined : Number.parseInt(bytesOf(length).toString('hex'), 16),
      language: oidOf(partOf(policy, 0)),
    };
  }

  /** DIRAC's group in it. */
  get diracGroup(): string | undefined {
    const found = this.extension(oids.diracGroup);
    return found === undefined ? undefined : bytesOf(found).toString('latin1');
  }

  isValidAt(now: Date): boolean {
    return now >= this.notBefore && now <= this.notAfter;
  }
}

function extensionsOf(field: DerNode | undefined): ReadonlyMap<string, Extension> {
  if (field === undefined) return new Map();
  return new Map(
    partsOf(partOf(field, 0)).map((node) => {
      const parts = partsOf(node);
      const value = parts.at(-1);
      if (value === undefined) throw new TypeError('an extension has no value');
      const critical = parts.length === 3 && bytesOf(partOf(node, 1))[0] !== 0;
      return [oidOf(partOf(node, 0)), { critical, value: bytesOf(value) }];
    }),
  );
}
