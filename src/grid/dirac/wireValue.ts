/** Bytes and times, which JSON lacks, as DIRAC's JSON marks them. */
const classKey = '__dCls';

/** Bytes as an argument of a call. */
export function bytesArgument(bytes: Uint8Array): Readonly<Record<string, string>> {
  return { [classKey]: 'b64', obj: Buffer.from(bytes).toString('base64') };
}

/** JSON as DIRAC writes it; a time (UTC without a zone) becomes Unix milliseconds, bytes a Buffer. */
export function parseWire(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(classKey in value) || !('obj' in value)) return value;
    const { obj } = value;
    if (typeof obj !== 'string') return value;
    switch (value[classKey]) {
      case 'dt':
        return Date.parse(`${obj.replace(' ', 'T')}Z`);
      case 'date':
        return Date.parse(`${obj}T00:00:00Z`);
      case 'b64':
        return Buffer.from(obj, 'base64');
      default:
        return value;
    }
  });
}
