import { createHash } from 'node:crypto';
import forge from 'node-forge';
import { bytesOf, type DerNode, derOf, oidOf, partOf, partsOf } from './der.js';

const { Type } = forge.asn1;

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** A name as grids write it: `/C=UK/O=eScience/OU=Imperial/CN=ada lovelace`. */
export function distinguishedName(name: DerNode): string {
  return partsOf(name)
    .map((part) => `/${partsOf(part).map(attribute).join('+')}`)
    .join('');
}

function attribute(node: DerNode): string {
  const id = oidOf(partOf(node, 0));
  return `${shortNames[id] ?? id}=${textOf(partOf(node, 1)) ?? ''}`;
}

/** Of a string type; undefined for anything else. */
function textOf(node: DerNode): string | undefined {
  const type = Number(node.type);
  if (type === Type.UTF8) return bytesOf(node).toString('utf8');
  if (type === Type.BMPSTRING) return Buffer.from(bytesOf(node)).swap16().toString('utf16le');
  return latinStrings.includes(type) ? bytesOf(node).toString('latin1') : undefined;
}

/** PrintableString, T61String, IA5String, VisibleString (X.680, 8.4). */
const latinStrings: readonly number[] = [19, 20, 22, 26];

/**
 * The eight hex digits by which OpenSSL (1.0 and later) finds an authority in a folder: SHA-1 of the name with its strings
 * in lower case and their blanks single (`X509_NAME_hash`).
 */
export function nameHash(name: DerNode): string {
  const parts = partsOf(name).map((part) => encoded(0x31, partsOf(part).map(canonical)));
  return firstFour(createHash('sha1').update(Buffer.concat(parts)).digest());
}

/** The same before OpenSSL 1.0: MD5 of the name as it stands. Old Globus tools look for these. */
export function oldNameHash(name: DerNode): string {
  return firstFour(createHash('md5').update(derOf(name)).digest());
}

function canonical(node: DerNode): Buffer {
  const [id, value] = [partOf(node, 0), partOf(node, 1)];
  const text = textOf(value)
    ?.replaceAll(/[ \t\n\v\f\r]+/g, ' ')
    .replaceAll(/^ | $/g, '')
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return encoded(0x30, [derOf(id), text === undefined ? derOf(value) : encoded(0x0c, [Buffer.from(text)])]);
}

function encoded(tag: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

function firstFour(digest: Buffer): string {
  return digest.readUInt32LE(0).toString(16).padStart(8, '0');
}
