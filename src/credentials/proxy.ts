import { generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { SitespanError } from '../base/errors.js';
import {
  bitString,
  type DerNode,
  derOf,
  extension,
  integer,
  oidNode,
  parseDer,
  partsOf,
  primitive,
  sequence,
  setOf,
  tagged,
  time,
} from './der.js';
import { GridCertificate } from './gridCertificate.js';
import { oids } from './oids.js';
import type { UserCredential } from './userCredential.js';

const { Type } = forge.asn1;
/** Universal tag that node-forge gives no name (X.680, 8.4). */
const ia5String = 22;
const generate = promisify(generateKeyPair);

/** DIRAC's own; clocks of servers are a little off now and then. */
const clockSlackSeconds = 15 * 60;
const rsaBits = 2048;

export interface ProxyWish {
  readonly seconds: number;
  /** DIRAC's group; none for a proxy that is to be delegated. */
  readonly group?: string;
  /** May do everything but start jobs. */
  readonly limited?: boolean;
  /** How many proxies may be made from it, one after another. */
  readonly pathLength?: number;
  readonly now?: Date;
}

/** A proxy with its own key, and the chain up to the user's certificate: the proxy certificate comes first. */
export interface Proxy {
  readonly key: KeyObject;
  readonly chain: readonly [GridCertificate, ...GridCertificate[]];
}

/**
 * A proxy of a credential (RFC 3820), with a fresh RSA key.
 *
 * @throws SitespanError `credential-expired`, `proxy-path-length`, `group-invalid`
 */
export async function makeProxy(credential: UserCredential, wish: ProxyWish): Promise<Proxy> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: rsaBits, publicExponent: 65_537 });
  const certificate = issueProxy(credential, publicKey.export({ type: 'spki', format: 'der' }), wish);
  return { key: privateKey, chain: [certificate, ...credential.chain] };
}

/** As files of proxies have it: the proxy certificate, its key in clear (PKCS#1), the chain. */
export function proxyPem({ key, chain: [certificate, ...above] }: Proxy): string {
  const parts = [certificate.pem, key.export({ type: 'pkcs1', format: 'pem' }), ...above.map(({ pem }) => pem)];
  return parts.join('');
}

/**
 * A proxy certificate below the credential's own, for somebody's public key: the one place where one is signed.
 *
 * It bears its issuer's name byte for byte and one CN more, ends no later than what it is made from, and is limited where
 * its issuer is.
 *
 * @param publicKey DER of SubjectPublicKeyInfo
 * @throws SitespanError as `makeProxy`
 */
export function issueProxy({ key, chain }: UserCredential, publicKey: Buffer, wish: ProxyWish): GridCertificate {
  const [issuer] = chain;
  const now = wish.now ?? new Date();
  const parent = issuer.proxyPolicy;
  if (parent?.pathLength === 0) {
    throw new SitespanError(
      'proxy-path-length',
      `No proxy can be made from the proxy ${issuer.dn}, which forbids it (its path length is 0); make one from your certificate.`,
    );
  }
  const end = new Date(Math.min(now.getTime() + wish.seconds * 1000, ...chain.map((one) => one.notAfter.getTime())));
  if (end <= now) throw credentialExpired(chain, now);
  const begin = new Date(Math.max(now.getTime() - clockSlackSeconds * 1000, issuer.notBefore.getTime()));
  // Never zero, and its top bit clear: a positive number of eight bytes.
  const serial = Buffer.concat([Buffer.from([0x40 | (randomBytes(1).readUInt8() & 0x3f)]), randomBytes(7)]);
  const limited = wish.limited === true || parent?.language === oids.limited;
  const toBeSigned = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    signatureAlgorithm(key),
    issuer.subject,
    sequence(time(begin), time(end)),
    nameBelow(issuer.subject, serial.readBigUInt64BE().toString()),
    parseDer(publicKey),
    tagged(3, sequence(...extensionsOf(wish, limited))),
  );
  const signature = sign('sha256', derOf(toBeSigned), key);
  return new GridCertificate(derOf(sequence(toBeSigned, signatureAlgorithm(key), bitString(signature))));
}

function nameBelow(issuer: DerNode, commonName: string): DerNode {
  const attribute = sequence(oidNode(oids.commonName), primitive(Type.PRINTABLESTRING, commonName));
  return sequence(...partsOf(issuer), setOf(attribute));
}

function extensionsOf({ group, pathLength }: ProxyWish, limited: boolean): DerNode[] {
  const policy = sequence(oidNode(limited ? oids.limited : oids.inheritAll));
  const length = pathLength === undefined ? [] : [integer(Buffer.from([pathLength]))];
  return [
    // digitalSignature, keyEncipherment, dataEncipherment: bits 0, 2 and 3, so four at the end mean nothing.
    extension(oids.keyUsage, true, bitString(Buffer.from([0xb0]), 4)),
    extension(oids.proxyCertInfo, true, sequence(...length, policy)),
    ...(group === undefined ? [] : [extension(oids.diracGroup, false, primitive(ia5String, checkedGroup(group)))]),
  ];
}

function checkedGroup(group: string): string {
  if (/^[\x21-\x7e]{1,127}$/.test(group)) return group;
  throw new SitespanError(
    'group-invalid',
    `${JSON.stringify(group)} cannot be a DIRAC group: it has blanks or other than ASCII letters; ask your VO for its name.`,
  );
}

function signatureAlgorithm(key: KeyObject): DerNode {
  return key.asymmetricKeyType === 'ec'
    ? sequence(oidNode(oids.ecdsaWithSha256))
    : sequence(oidNode(oids.rsaWithSha256), primitive(Type.NULL, ''));
}

function credentialExpired(chain: readonly GridCertificate[], now: Date): SitespanError {
  const ended = chain.find(({ notAfter }) => notAfter <= now) ?? chain[0];
  const kind = ended?.proxyPolicy === undefined ? 'certificate' : 'proxy';
  const remedy =
    kind === 'proxy' ? 'make a new one from your certificate' : 'ask your certification authority to renew it';
  return new SitespanError(
    'credential-expired',
    `The ${kind} ${ended?.dn} expired at ${ended?.notAfter.toISOString()}; ${remedy}.`,
  );
}
