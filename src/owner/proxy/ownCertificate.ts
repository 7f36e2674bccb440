import { SitespanError } from '../../base/errors.js';
import { AuthorityFolder, usualAuthorityFolder } from '../../credentials/authorityFolder.js';
import { checkChain } from '../../credentials/checkChain.js';
import type { GridCertificate } from '../../credentials/gridCertificate.js';
import {
  type CertificateFiles,
  findCertificates,
  needsPassphrase,
  openCertificate,
} from '../../credentials/userCertificateFiles.js';
import type { UserCredential } from '../../credentials/userCredential.js';

/** Which certificate of the user's, and how it is opened. */
export interface CertificateChoice {
  /** The first that is found where grids' tools look, unless told otherwise. */
  readonly files?: CertificateFiles | undefined;
  /** Asked for only where one is needed; `what` is the file it opens. */
  readonly passphrase: (what: string) => Promise<string>;
  /** Where authorities lie; where grids' tools look, unless told otherwise. */
  readonly authorities?: string | undefined;
  readonly now?: Date;
}

/** What a person's certificate is opened to, once it is known to be good. */
export interface OwnCertificate {
  readonly credential: UserCredential;
  readonly warnings: readonly string[];
}

/** A certificate that ends so soon is worth a word. */
const soonMs = 30 * 86_400_000;

/**
 * Finds a person's certificate, opens it, and checks it as a server would, as far as authorities are known here.
 *
 * @throws SitespanError `certificate-missing`, and as `openCertificate` and `checkChain`; `authorities-missing` where a folder was named
 */
export async function openOwnCertificate(choice: CertificateChoice): Promise<OwnCertificate> {
  const now = choice.now ?? new Date();
  const files = choice.files ?? (await firstFound());
  const passphrase = (await needsPassphrase(files))
    ? await choice.passphrase(files.kind === 'pkcs12' ? files.path : files.key)
    : undefined;
  const credential = await openCertificate(files, passphrase);
  const warnings = await judged(credential.chain, choice.authorities, now);
  const [own] = credential.chain;
  const left = own.notAfter.getTime() - now.getTime();
  if (left > 0 && left < soonMs) {
    warnings.push(
      `The certificate ${own.dn} expires in ${Math.ceil(left / 86_400_000)} d; ask your certification authority to renew it.`,
    );
  }
  return { credential, warnings };
}

/**
 * Checks a chain against a folder of authorities.
 *
 * @param folder the usual one where undefined, which need not be there
 * @returns what does not decide
 * @throws SitespanError as `checkChain`; `authorities-missing` where a folder was named
 */
export async function judged(
  chain: readonly GridCertificate[],
  folder: string | undefined,
  now: Date,
): Promise<string[]> {
  let authorities: AuthorityFolder;
  try {
    authorities = await AuthorityFolder.read(folder ?? usualAuthorityFolder(), now);
  } catch (error) {
    if (folder !== undefined || !SitespanError.is(error, 'authorities-missing')) throw error;
    return [`Not checked as servers do: ${error.message}`];
  }
  return [...checkChain(chain, authorities, now).warnings];
}

async function firstFound(): Promise<CertificateFiles> {
  const [first] = await findCertificates();
  if (first !== undefined) return first;
  throw new SitespanError(
    'certificate-missing',
    'There is no certificate of yours on this computer where grid tools look (X509_USER_CERT, ~/.globus/usercert.pem with userkey.pem, ~/.globus/usercred.p12); put it there, or name its file.',
  );
}
