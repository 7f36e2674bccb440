import { type KeyObject, verify } from 'node:crypto';
import forge from 'node-forge';
import { bitsOf, bytesOf, type DerNode, dateOf, derOf, isTagged, oidOf, parseDer, partOf, partsOf } from './der.js';
import { distinguishedName } from './distinguishedName.js';
import { hashOfSignature } from './oids.js';
import { pemBlocksOf } from './pem.js';

const { Type } = forge.asn1;

/** An authority's list of certificates that hold no more (RFC 5280, 5), as `.r0` files have it: PEM or DER. */
export class RevocationList {
  readonly issuerDn: string;
  /** Until when it may be relied on; undefined where it does not say. */
  readonly nextUpdate: Date | undefined;
  private readonly revoked: ReadonlySet<string>;
  private readonly signed: Buffer;
  private readonly signature: Buffer;
  private readonly hash: string | undefined;

  /** @throws Error where it is no revocation list */
  constructor(content: Buffer) {
    const node = parseDer(pemBlocksOf(content.toString('latin1'), 'X509 CRL')[0]?.der ?? content);
    const body = partOf(node, 0);
    const fields = [...partsOf(body)];
    // Version 1 has no version field.
    if (fields[0]?.type === Type.INTEGER) fields.shift();
    const [, issuer, , ...rest] = fields;
    if (issuer === undefined) throw new TypeError('a revocation list lacks its issuer');
    this.issuerDn = distinguishedName(issuer);
    this.nextUpdate = rest[0] !== undefined && isTime(rest[0]) ? dateOf(rest[0]) : undefined;
    const entries = rest.find((field) => field.type === Type.SEQUENCE && !isTagged(field, 0));
    this.revoked = new Set(
      (entries === undefined ? [] : partsOf(entries)).map((entry) => hex(bytesOf(partOf(entry, 0)))),
    );
    this.signed = derOf(body);
    this.hash = hashOfSignature[oidOf(partOf(partOf(node, 1), 0))];
    this.signature = bitsOf(partOf(node, 2));
  }

  /** Whether a certificate with this serial number holds no more. */
  has(serial: Buffer): boolean {
    return this.revoked.has(hex(serial));
  }

  isSignedBy(key: KeyObject): boolean {
    return this.hash !== undefined && verify(this.hash, this.signed, key, this.signature);
  }
}

function isTime({ type }: DerNode): boolean {
  return type === Type.UTCTIME || type === Type.GENERALIZEDTIME;
}

/** Without the zero that keeps a number positive. */
function hex(serial: Buffer): string {
  return serial.toString('hex').replace(/^(00)+/, '');
}
