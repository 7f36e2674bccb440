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
    private readonly read: ReadText,
    private version: string,
    private context: SecureContext,
  ) {}

  /** Of the pair that could not be read last. */
  private failed: string | undefined;

  /**
   * @param onChange called when another pair is there: with nothing when it serves from now on, or once with why it cannot
   * @param read gives the text of a file
   * @throws SitespanError `relay-certificate`
   */
  static async open(
    cert: string,
    key: string,
    onChange: (error: unknown) => void,
    read: ReadText = (path) => readFile(path, 'utf8'),
  ): Promise<CertificateFiles> {
    // Before they are read: what is written meanwhile is then seen as a change.
    const version = await versionOf(cert, key);
    return new CertificateFiles(cert, key, onChange, read, version, await readPair(cert, key, read));
  }

  async secureContext(): Promise<SecureContext> {
    const version = await versionOf(this.cert, this.key);
    if (version === this.version) return this.context;
    try {
      const context = await readPair(this.cert, this.key, this.read);
      // Several handshakes may read the same pair; the one that read it first has told of it.
      if (version === this.version) return this.context;
      this.context = context;
      this.version = version;
      this.failed = undefined;
      this.onChange(undefined);
    } catch (error) {
      // The next handshake tries again: a disk of another computer may fail only for a moment. It is said once.
      if (version !== this.failed) this.onChange(error);
      this.failed = version;
    }
    return this.context;
  }
}

type ReadText = (path: string) => Promise<string>;

async function readPair(cert: string, key: string, read: ReadText): Promise<SecureContext> {
  return secureContextOf(await readPem(cert, read), await readPem(key, read));
}

async function readPem(path: string, read: ReadText): Promise<string> {
  try {
    return await read(path);
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
