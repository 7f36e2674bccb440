import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import { SitespanError } from '../base/errors.js';

/** What a relay proves itself by, now. */
export interface RelayCertificate {
  secureContext(): Promise<SecureContext>;
}

/**
 * A certificate with its chain and its key, both PEM, for TLS 1.3.
 *
 * @throws SitespanError `relay-certificate`
 */
export function secureContextOf(cert: string, key: string): SecureContext {
  try {
    return createSecureContext({ cert, key, minVersion: 'TLSv1.3' });
  } catch (cause) {
    throw new SitespanError('relay-certificate', 'The relay cannot use its certificate and key; they do not fit.', {
      cause,
    });
  }
}

/**
 * A relay's certificate and key in their files, which are looked at before every handshake: a renewed certificate serves from
 * then on, and no stream is cut for it. While the two do not fit one another (one is there before the other), the last good
 * pair counts.
 */
export class CertificateFiles implements RelayCertificate {
  private constructor(
    private readonly cert: string,
    private readonly key: string,
    private readonly onChange: (error: unknown) => void,
    private version: string,
    private context: SecureContext,
  ) {}

  /**
   * @param onChange called when another pair is there: with nothing when it serves from now on, or with why it cannot
   * @throws SitespanError `relay-certificate`
   */
  static async open(cert: string, key: string, onChange: (error: unknown) => void): Promise<CertificateFiles> {
    // Before they are read: what is written meanwhile is then seen as a change.
    const version = await versionOf(cert, key);
    return new CertificateFiles(cert, key, onChange, version, await readPair(cert, key));
  }

  async secureContext(): Promise<SecureContext> {
    const version = await versionOf(this.cert, this.key);
    if (version === this.version) return this.context;
    // Once for each version, not once for each caller.
    this.version = version;
    try {
      this.context = await readPair(this.cert, this.key);
      this.onChange(undefined);
    } catch (error) {
      this.onChange(error);
    }
    return this.context;
  }
}

async function readPair(cert: string, key: string): Promise<SecureContext> {
  return secureContextOf(await readPem(cert), await readPem(key));
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SitespanError('relay-certificate', `The relay cannot read ${path} on this computer.`, { cause });
  }
}

async function versionOf(...paths: readonly string[]): Promise<string> {
  const versions = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found === undefined ? 'absent' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
    }),
  );
  return versions.join(', ');
}
