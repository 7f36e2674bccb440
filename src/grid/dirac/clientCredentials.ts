import { stat } from 'node:fs/promises';
import { unlessAbsent } from '../../base/systemError.js';
import { readProxyFile } from '../../credentials/proxyFile.js';
import type { UserCredential } from '../../credentials/userCredential.js';

/** As whom DIRAC is called: a proxy's file, which may be renewed while we run, or a certificate that is open now. */
export interface ClientCredentials {
  /** As a sentence names them: `the proxy /tmp/x509up_u0`. */
  readonly name: string;
  /** What to do when they have expired. */
  readonly renewal: string;
  /** Changes when others are to be used from now on. */
  stamp(): Promise<string>;
  /** @throws SitespanError those of `readProxyFile` */
  read(): Promise<UserCredential>;
}

/** The proxy of a file; a new file is taken up at the next call. */
export function proxyCredentials(path: string): ClientCredentials {
  return {
    name: `the proxy ${path}`,
    renewal: 'make a new one with "sitespan proxy init"',
    stamp: async () => {
      const found = await unlessAbsent(stat(path));
      return found === undefined ? 'none' : `${found.ino} ${found.mtimeMs} ${found.size}`;
    },
    read: () => readProxyFile(path),
  };
}

/** A person's own certificate, for what a proxy may not do. */
export function certificateCredentials(credential: UserCredential): ClientCredentials {
  return {
    name: `the certificate ${credential.chain[0].dn}`,
    renewal: 'ask your certification authority to renew it',
    stamp: async () => 'open',
    read: async () => credential,
  };
}
