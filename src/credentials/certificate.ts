import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import forge from 'node-forge';

/** A certificate and its private key, both PEM (the key PKCS#8). */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** What is to be said in a certificate. Times are Unix seconds. */
export interface CertificateWish {
  /** Attributes of the subject in order, e.g. `[['O', 'sitespan'], ['OU', 'worker'], ['CN', 'north-3']]`. */
  readonly subject: readonly NameAttribute[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly ca?: boolean;
  /** DNS names and IP addresses that a TLS client may know the holder by. */
  readonly hosts?: readonly string[];
}

export type NameAttribute = readonly [kind: 'O' | 'OU' | 'CN', value: string];

/** Who signs: the issuer's name and key. */
export interface Issuer {
  readonly subject: readonly NameAttribute[];
  readonly key: KeyObject;
}

const { asn1 } = forge;
const { Class, Type } = asn1;

const oids = {
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/**
 * Makes an EC P-256 key and an X.509 v3 certificate for it (RFC 5280), signed by `issuer` or by itself.
 *
 * Keys and signatures come from node:crypto; only the ASN.1 is put together here, since forge knows no EC.
 */
export function certify(wish: CertificateWish, issuer?: Issuer): CertifiedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const signer = issuer ?? { subject: wish.subject, key: privateKey };
  const toBeSigned = sequence(
    tagged(0, primitive(Type.INTEGER, '\x02')),
    // Positive and never empty: the first octet keeps its top bit clear (RFC 5280, 4.1.2.2).
    primitive(Type.INTEGER, `\x4a${randomBytes(15).toString('latin1')}`),
    algorithm(),
    name(signer.subject),
    sequence(time(wish.notBefore), time(wish.notAfter)),
    name(wish.subject),
    asn1.fromDer(publicKey.export({ type: 'spki', format: 'der' }).toString('latin1')),
    tagged(3, sequence(...extensions(wish, publicKey, createPublicKey(signer.key)))),
  );
  const signature = sign('sha256', Buffer.from(asn1.toDer(toBeSigned).getBytes(), 'latin1'), signer.key);
  const certificate = sequence(toBeSigned, algorithm(), primitive(Type.BITSTRING, `\0${signature.toString('latin1')}`));
  return {
    cert: forge.pem
      .encode({ type: 'CERTIFICATE', body: asn1.toDer(certificate).getBytes() }, { maxline: 64 })
      .replaceAll('\r', ''),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(wish: CertificateWish, own: KeyObject, issuers: KeyObject): forge.asn1.Asn1[] {
  const list = [
    extension(oids.basicConstraints, true, wish.ca ? sequence(primitive(Type.BOOLEAN, '\xff')) : sequence()),
    // keyCertSign and cRLSign for a CA, digitalSignature for others (bits 5, 6 and 0; RFC 5280, 4.2.1.3).
    extension(oids.keyUsage, true, primitive(Type.BITSTRING, wish.ca ? '\x01\x06' : '\x07\x80')),
    extension(oids.subjectKeyIdentifier, false, primitive(Type.OCTETSTRING, keyIdentifier(own))),
    extension(
      oids.authorityKeyIdentifier,
      false,
      sequence(asn1.create(Class.CONTEXT_SPECIFIC, 0, false, keyIdentifier(issuers))),
    ),
  ];
  if (!wish.ca) {
    list.push(extension(oids.extKeyUsage, false, sequence(oid(oids.serverAuth), oid(oids.clientAuth))));
  }
  if (wish.hosts !== undefined && wish.hosts.length > 0) {
    list.push(extension(oids.subjectAltName, false, sequence(...wish.hosts.map(alternativeName))));
  }
  return list;
}

function alternativeName(host: string): forge.asn1.Asn1 {
  const octets = /^\d+(\.\d+){3}$/.test(host) ? String.fromCharCode(...host.split('.').map(Number)) : undefined;
  return octets === undefined
    ? asn1.create(Class.CONTEXT_SPECIFIC, 2, false, host)
    : asn1.create(Class.CONTEXT_SPECIFIC, 7, false, octets);
}

function keyIdentifier(key: KeyObject): string {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .toString('latin1');
}

function extension(id: string, critical: boolean, value: forge.asn1.Asn1): forge.asn1.Asn1 {
  const body = primitive(Type.OCTETSTRING, asn1.toDer(value).getBytes());
  return critical ? sequence(oid(id), primitive(Type.BOOLEAN, '\xff'), body) : sequence(oid(id), body);
}

function algorithm(): forge.asn1.Asn1 {
  return sequence(oid(oids.ecdsaWithSha256));
}

function name(attributes: readonly NameAttribute[]): forge.asn1.Asn1 {
  return sequence(
    ...attributes.map(([kind, value]) =>
      asn1.create(Class.UNIVERSAL, Type.SET, true, [sequence(oid(oids[kind]), primitive(Type.UTF8, value))]),
    ),
  );
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
function time(seconds: number): forge.asn1.Asn1 {
  const date = new Date(seconds * 1000);
  return date.getUTCFullYear() < 2050
    ? primitive(Type.UTCTIME, asn1.dateToUtcTime(date).toString())
    : primitive(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date).toString());
}

function oid(dotted: string): forge.asn1.Asn1 {
  return primitive(Type.OID, asn1.oidToDer(dotted).getBytes());
}

function sequence(...parts: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);
}

function tagged(tag: number, inner: forge.asn1.Asn1): forge.asn1.Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [inner]);
}

function primitive(type: forge.asn1.Type, bytes: string): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, type, false, bytes);
}
