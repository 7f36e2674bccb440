import assert from 'node:assert/strict';
import type { SitespanError } from '../../../src/base/errors.js';

/** A credential, or what it meets, that is wrong, and what is said of it. */
export interface WrongCredential {
  readonly what: string;
  /** What a person runs that says it. */
  readonly command: 'proxy init' | 'proxy info' | 'grid check';
  /** Of the error; none of what is only warned of. */
  readonly code?: string;
  /** What is wrong, and where; `…` stands for a name, a path or a time. */
  readonly says: string;
  /** The end of the sentence. */
  readonly todo: string;
}

const { init, info, check } = { init: 'proxy init', info: 'proxy info', check: 'grid check' } as const;
const authorities =
  'ask your site for its folder of grid authorities, or install the IGTF bundle (Debian, Ubuntu: the EGI repository has "ca-policy-egi-core"; https://repository.egi.eu)';

/** All that is known to go wrong between a certificate and a grid that takes it, and docs/credential-errors.md. */
export const wrongCredentials: readonly WrongCredential[] = [
  {
    ...{ command: init, what: 'expired certificate', code: 'certificate-expired' },
    says: 'The certificate … expired at …',
    todo: 'ask your certification authority to renew it',
  },
  {
    ...{ command: init, what: 'not yet valid', code: 'certificate-not-yet-valid' },
    says: "The certificate … is valid from … on, and this computer's clock says …",
    todo: 'set the clock, or wait',
  },
  {
    ...{ command: info, what: 'expired proxy', code: 'proxy-expired' },
    says: 'The proxy … on this computer expired at …',
    todo: 'make a new one with "sitespan proxy init"',
  },
  {
    ...{ command: init, what: 'unknown CA', code: 'authority-unknown' },
    says: 'The authority …, which signed …, is not in … on this computer',
    todo: authorities,
  },
  {
    ...{ command: init, what: 'revoked', code: 'certificate-revoked' },
    says: 'The certificate … has been revoked by …',
    todo: 'ask your certification authority for a new one',
  },
  {
    ...{ command: init, what: 'CRL expired' },
    says: 'The revocation list of … is out of date since …, and servers may refuse everybody until it is renewed',
    todo: 'fetch it again with "fetch-crl"',
  },
  {
    ...{ command: init, what: 'signing policy forbids', code: 'authority-forbids' },
    says: 'The signing policy of the authority … does not let it sign …',
    todo: 'ask your certification authority',
  },
  {
    ...{ command: init, what: 'wrong key for certificate', code: 'key-differs' },
    says: 'The key … does not belong to the certificate …',
    todo: 'choose the two files that were made together',
  },
  {
    ...{ command: init, what: 'bad passphrase', code: 'passphrase-wrong' },
    says: 'The passphrase does not open the key …',
    todo: 'give the one that was chosen when the key was exported',
  },
  {
    ...{ command: init, what: 'empty passphrase', code: 'passphrase-needed' },
    says: 'The key … is protected',
    todo: 'give its passphrase',
  },
  {
    ...{ command: init, what: 'truncated PEM', code: 'certificate-unreadable' },
    says: 'The certificate … on this computer cannot be used: it has been cut short',
    todo: 'copy it again',
  },
  {
    ...{ command: init, what: 'DER instead of PEM', code: 'certificate-unreadable' },
    says: 'The certificate … on this computer cannot be used: it is binary (DER or PKCS#12) and not PEM',
    todo: 'choose it as a .p12 file, or convert it with "openssl x509 -inform DER"',
  },
  {
    ...{ command: init, what: '.p12 with no certificate', code: 'certificate-unreadable' },
    says: 'There is no certificate in …',
    todo: 'export certificate and private key together from your browser',
  },
  {
    ...{ command: init, what: 'scrypt key where the runtime cannot', code: 'key-unsupported' },
    says: "The key … is protected with scrypt, which this program's cryptography (BoringSSL) cannot open",
    todo: 'convert it with "openssl pkcs8 -topk8 -in … -out userkey-new.pem"',
  },
  {
    ...{ command: init, what: 'EC where the server cannot', code: 'grid-refuses-key' },
    says: 'DIRAC at … cannot use the key of …, which is of an elliptic curve',
    todo: "ask your certification authority for a certificate with an RSA key, or DIRAC's administrator to take such keys",
  },
  {
    ...{ command: init, what: 'key readable by others', code: 'key-open-to-others' },
    says: 'The key … on this computer can be read by others, so grid tools refuse it',
    todo: 'run "chmod 600 …" and try again',
  },
  {
    ...{ command: info, what: 'proxy of a limited proxy', code: 'proxy-invalid' },
    says: 'The proxy … is not a proxy that servers take: it was made from a limited proxy and is not limited',
    todo: 'make a new one from your certificate',
  },
  {
    ...{ command: init, what: 'path length exceeded', code: 'proxy-path-length' },
    says: 'No proxy can be made from the proxy …, which forbids it (its path length is 0)',
    todo: 'make one from your certificate',
  },
  {
    ...{ command: init, what: 'group that does not exist', code: 'group-unknown' },
    says: 'DIRAC at … has no group …',
    todo: 'you are in …: take one of yours, or ask your VO what it is called',
  },
  {
    ...{ command: init, what: 'group not mine', code: 'group-not-yours' },
    says: 'You are not in the group … of DIRAC at …',
    todo: 'you are in …: take one of yours, or ask your VO to add you',
  },
  {
    ...{ command: init, what: 'no VO', code: 'grid-person-unknown' },
    says: 'DIRAC at … has nobody with the certificate … in any VO',
    todo: 'register with your VO, or have it add this certificate to your name (after a proxy of a group that is not yours, wait a minute)',
  },
  {
    ...{ command: check, what: 'clock an hour off', code: 'clock-wrong' },
    says: "This computer's clock is … min … that of DIRAC at … (… here, … there), so certificates that are valid look as if they were not",
    todo: 'set this computer\'s clock ("timedatectl set-ntp true"), or tell DIRAC\'s administrator where it is theirs that is wrong',
  },
  {
    ...{ command: init, what: 'proxy path is a folder', code: 'proxy-unwritable' },
    says: 'The proxy cannot be written to … on this computer, which is a folder',
    todo: 'give the path of a file',
  },
  {
    ...{ command: init, what: 'disk full', code: 'disk-full' },
    says: 'The proxy could not be written: the disk of … on this computer is full',
    todo: 'make room there and try again',
  },
  {
    ...{ command: check, what: "server's certificate for another host", code: 'grid-untrusted' },
    says: 'What answers at … shows a certificate of another host (…)',
    todo: 'check the address of the grid',
  },
  {
    ...{ command: check, what: "server's CA unknown", code: 'grid-untrusted' },
    says: "The certificate of DIRAC at … comes from the authority …, which is not in this computer's folder of authorities …",
    todo: authorities,
  },
  {
    ...{ command: check, what: 'plain HTTP at the address', code: 'grid-not-secure' },
    says: 'What answers at … speaks plain HTTP and not HTTPS, so no certificate can be shown to it',
    todo: "ask the grid's administrator for the port of its HTTPS services",
  },
  {
    ...{ command: check, what: 'something else at the address', code: 'grid-not-dirac' },
    says: 'What answers at … is no HTTPS server (it says "…")',
    todo: 'check host and port of the grid',
  },
];

/** What was said of something wrong. */
export interface Said {
  readonly code?: string | undefined;
  readonly sentence: string;
}

export function saidBy({ code, message }: SitespanError): Said {
  return { code, sentence: message };
}

/** That this is what is said of it, and of nothing else that is wrong. @param place as `assertSentence` */
export function assertSaid(what: string, { code, sentence }: Said, place: string): void {
  assertSentence(what, sentence, place);
  assert.equal(code, wrongCredentials.find((one) => one.what === what)?.code);
}

/** @param place the path, the host or the name that the sentence has to tell */
export function assertSentence(what: string, sentence: string, place: string): void {
  const alike = wrongCredentials.filter((one) => sentenceOf(one).test(sentence));
  assert.deepEqual(
    alike.map((one) => one.what),
    [what],
    sentence,
  );
  assert.ok(sentence.includes(place), `${place} is in: ${sentence}`);
  assert.doesNotMatch(sentence, /undefined|\[object/);
}

function sentenceOf({ says, todo }: WrongCredential): RegExp {
  const text = `${says}; ${todo}.`.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.+');
  return new RegExp(`^${text}$`);
}
