import forge from 'node-forge';

declare module 'node-forge' {
  namespace asn1 {
    // Its types know only the older `strict: boolean`.
    function fromDer(
      bytes: util.ByteBuffer,
      options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean },
    ): Asn1;
  }
}

/** A node of DER as node-forge has it; only what is built and read here is needed of it. */
export type DerNode = forge.asn1.Asn1;

const { asn1 } = forge;
const { Class, Type } = asn1;

/** @throws Error where the bytes are not DER */
export function parseDer(bytes: Uint8Array): DerNode {
  return asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('latin1')), {
    strict: true,
    parseAllBytes: true,
    // Bit strings hold keys and signatures: they are not looked into.
    decodeBitStrings: false,
  });
}

export function derOf(node: DerNode): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}

/** The parts of a constructed node. @throws TypeError for a primitive one */
export function partsOf(node: DerNode): readonly DerNode[] {
  if (typeof node.value === 'string') throw new TypeError('a primitive value stands where parts are expected');
  return node.value;
}

/** One part. @throws TypeError where there is none */
export function partOf(node: DerNode, index: number): DerNode {
  const part = partsOf(node)[index];
  if (part === undefined) throw new TypeError(`part ${index} is missing`);
  return part;
}

/** The content of a primitive node. @throws TypeError for a constructed one */
export function bytesOf(node: DerNode): Buffer {
  if (typeof node.value !== 'string') throw new TypeError('parts stand where a primitive value is expected');
  return Buffer.from(node.value, 'latin1');
}

export function oidOf(node: DerNode): string {
  return asn1.derToOid(forge.util.createBuffer(bytesOf(node).toString('latin1')));
}

/** UTCTime or GeneralizedTime. */
export function dateOf(node: DerNode): Date {
  const text = bytesOf(node).toString('latin1');
  return node.type === Type.UTCTIME ? asn1.utcTimeToDate(text) : asn1.generalizedTimeToDate(text);
}

export function sequence(...parts: readonly DerNode[]): DerNode {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...parts]);
}

export function setOf(...parts: readonly DerNode[]): DerNode {
  return asn1.create(Class.UNIVERSAL, Type.SET, true, [...parts]);
}

/** A part with an explicit tag of the context. */
export function tagged(tag: number, ...parts: readonly DerNode[]): DerNode {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...parts]);
}

export function isTagged(node: DerNode | undefined, tag: number): node is DerNode {
  return node?.tagClass === Class.CONTEXT_SPECIFIC && Number(node.type) === tag;
}

export function primitive(type: forge.asn1.Type, bytes: string | Uint8Array): DerNode {
  const value = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
  return asn1.create(Class.UNIVERSAL, type, false, value);
}

export function oidNode(dotted: string): DerNode {
  return primitive(Type.OID, asn1.oidToDer(dotted).getBytes());
}

/** A number that is not negative, by its big-endian bytes. */
export function integer(bytes: Uint8Array): DerNode {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  const top = shortest[0] ?? 0;
  return primitive(Type.INTEGER, top >= 0x80 ? Buffer.concat([Buffer.from([0]), shortest]) : shortest);
}

/** @param unused bits at the end of the last byte that mean nothing */
export function bitString(bytes: Uint8Array, unused = 0): DerNode {
  return primitive(Type.BITSTRING, Buffer.concat([Buffer.from([unused]), bytes]));
}

/** The bytes of a bit string of whole bytes. */
export function bitsOf(node: DerNode): Buffer {
  return bytesOf(node).subarray(1);
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
export function time(date: Date): DerNode {
  return date.getUTCFullYear() < 2050
    ? primitive(Type.UTCTIME, asn1.dateToUtcTime(date).toString())
    : primitive(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date).toString());
}

/** An extension of a certificate (RFC 5280, 4.2). */
export function extension(id: string, critical: boolean, value: DerNode): DerNode {
  const body = primitive(Type.OCTETSTRING, derOf(value));
  return critical ? sequence(oidNode(id), primitive(Type.BOOLEAN, '\xff'), body) : sequence(oidNode(id), body);
}
