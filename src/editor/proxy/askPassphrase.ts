import { type CertificateFiles, openCertificate } from '../../credentials/userCertificateFiles.js';
import { type Answer, askText, type Place } from '../questions.js';

/** What opens a key, in a form that nothing writes down by accident. */
export type Passphrase = () => string;

/**
 * Asks for the passphrase of a key, and again as long as it does not open it.
 *
 * It is in this process's memory until the command that asked is over, and nowhere else.
 */
export async function askPassphrase(
  title: string,
  files: CertificateFiles,
  place?: Place,
): Promise<Answer<Passphrase>> {
  const file = files.kind === 'pkcs12' ? files.path : files.key;
  const answer = await askText({
    ...{ title, place, value: '', password: true, exact: true },
    placeholder: `Passphrase of ${file}. It is used once and kept nowhere.`,
    refuse: () => undefined,
    check: { saying: () => `Opening ${file}…`, look: (text) => openCertificate(files, text) },
  });
  return answer === undefined || answer === 'back' ? answer : { value: () => answer.value };
}
