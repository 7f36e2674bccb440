/** One block of a PEM file. */
export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY`, … */
  readonly label: string;
  /** As it stands in the file. */
  readonly text: string;
  readonly der: Buffer;
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** Every whole block of a PEM text (RFC 7468), in order; what stands between them is not looked at. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].map(([whole, label = '', body = '']) => ({
    label,
    text: `${whole}\n`,
    // An old encrypted key has headers, an empty line, then its body.
    der: Buffer.from(body.replace(/^[\s\S]*?\r?\n\r?\n(?=[A-Za-z0-9+/])/, ''), 'base64'),
  }));
}

/** The blocks with this label. */
export function pemBlocksOf(text: string, label: string): readonly PemBlock[] {
  return pemBlocks(text).filter((found) => found.label === label);
}

export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}

/** Whether a block begins and does not end: a file that was cut. */
export function isTruncatedPem(text: string): boolean {
  const begins = [...text.matchAll(/-----BEGIN /g)].length;
  return begins > pemBlocks(text).length;
}

export function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
