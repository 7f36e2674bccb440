import { createPrivateKey } from 'node:crypto';
import { SitespanError } from '../../base/errors.js';
import { howToGetAuthorities } from '../../credentials/authorityFolder.js';
import type { CallPlace } from './diracError.js';
import { plainWords, viewServer } from './serverView.js';
import { clientSignatures, type TlsCredentials, tlsRefusal } from './tlsRefusal.js';

/** What a call was made with. */
export interface Attempt {
  readonly address: string;
  readonly tls: TlsCredentials;
  readonly caDirectory: string;
  /** What our clock says. */
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
}

/** Clocks that are less apart trouble nobody. */
const clockSlackMs = 5 * 60_000;

/**
 * What a TLS or connection failure means, in a sentence; the server is looked at once more where that tells more. DIRAC may
 * or may not have carried the call out.
 */
export async function connectionError(error: unknown, at: CallPlace, attempt: Attempt): Promise<SitespanError> {
  const cause =
    (codeOf(error) === 'UND_ERR_SOCKET' ? await tlsRefusal(attempt.address, attempt.tls) : undefined) ?? error;
  const code = codeOf(cause) ?? String(cause);
  const [kind, sentence] =
    (await clockTrouble(code, at, attempt)) ??
    (await refusalOfUs(code, at, attempt)) ??
    (await troubleWithServer(code, at, attempt)) ??
    (await otherThanTls(code, at, attempt)) ??
    unreachable(code, at);
  return new SitespanError(kind, sentence, { cause });
}

/**
 * Why a server that lets everybody in, and then refuses strangers, may have seen no certificate: TLS shows none that the server
 * could not check. Undefined where it saw ours.
 */
export async function unshownCertificate(
  at: CallPlace,
  { address, tls }: Pick<Attempt, 'address' | 'tls'>,
): Promise<SitespanError | undefined> {
  return (await isOfUnusableCurve(address, tls))
    ? new SitespanError('grid-refuses-key', ellipticRefused(at))
    : undefined;
}

type Said = readonly [code: string, sentence: string];

/** Whatever is refused for its time may be refused for a clock's sake. */
async function clockTrouble(code: string, at: CallPlace, { address, now, signal }: Attempt): Promise<Said | undefined> {
  if (!aboutTime.includes(code)) return undefined;
  const { time } = await viewServer(address, signal);
  if (time === undefined || Math.abs(time.getTime() - now.getTime()) < clockSlackMs) return undefined;
  const minutes = Math.round((now.getTime() - time.getTime()) / 60_000);
  return [
    'clock-wrong',
    `This computer's clock is ${Math.abs(minutes)} min ${minutes > 0 ? 'ahead of' : 'behind'} that of DIRAC at ${at.host} (${now.toISOString()} here, ${time.toISOString()} there), so certificates that are valid look as if they were not; set this computer's clock ("timedatectl set-ntp true"), or tell DIRAC's administrator where it is theirs that is wrong.`,
  ];
}

const alert = 'ERR_SSL_SSLV3_ALERT_';
/** Where no way of signing is known to both, none is chosen, so that no certificate is shown. */
const aboutKeys = [
  ...[`${alert}HANDSHAKE_FAILURE`, `${alert}UNSUPPORTED_CERTIFICATE`, `${alert}CERTIFICATE_UNKNOWN`],
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
];
const aboutTime = [`${alert}CERTIFICATE_EXPIRED`, `${alert}BAD_CERTIFICATE`, 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/** Whether our key is of an elliptic curve, and the server says that it takes no signatures by such. */
async function isOfUnusableCurve(address: string, tls: TlsCredentials): Promise<boolean> {
  if (createPrivateKey(tls.key).asymmetricKeyType !== 'ec') return false;
  const kinds = await clientSignatures(address, tls);
  return kinds.length > 0 && !kinds.some((kind) => /ecdsa/i.test(kind));
}

function ellipticRefused(at: CallPlace): string {
  return `DIRAC at ${at.host} cannot use the key of ${at.who}, which is of an elliptic curve; ask your certification authority for a certificate with an RSA key, or DIRAC's administrator to take such keys.`;
}

/** What the server says of our certificate (RFC 8446, 6.2, as OpenSSL sends it). */
async function refusalOfUs(code: string, at: CallPlace, { address, tls, now }: Attempt): Promise<Said | undefined> {
  if (aboutKeys.includes(code) && (await isOfUnusableCurve(address, tls)))
    return ['grid-refuses-key', ellipticRefused(at)];
  switch (code) {
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    // An authority of that name, and another key.
    case 'ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR':
      return [
        'grid-untrusting',
        `DIRAC at ${at.host} does not know the authority that made the certificate behind ${at.who}; ask its administrator which authorities it takes.`,
      ];
    case `${alert}CERTIFICATE_EXPIRED`:
      return [
        'proxy-expired',
        `DIRAC at ${at.host} says that ${at.who} has expired; ${at.renewal}. Where it has not, a revocation list of the server's is out of date: tell its administrator.`,
      ];
    case `${alert}CERTIFICATE_REVOKED`:
      return [
        'certificate-revoked',
        `DIRAC at ${at.host} says that the certificate behind ${at.who} has been revoked; ask your certification authority for a new one.`,
      ];
    case `${alert}BAD_CERTIFICATE`:
      return [
        'grid-refuses-certificate',
        `DIRAC at ${at.host} says that ${at.who} is damaged or not valid yet (it is ${now.toISOString()} here); ${at.renewal}.`,
      ];
    case `${alert}UNSUPPORTED_CERTIFICATE`:
    case `${alert}CERTIFICATE_UNKNOWN`:
    case `${alert}HANDSHAKE_FAILURE`:
      return [
        'grid-refuses-certificate',
        `DIRAC at ${at.host} cannot use ${at.who}: it takes no such proxies, or none that is signed so; ask its administrator which it takes.`,
      ];
    default:
      return undefined;
  }
}

/** What we say of the server's certificate. */
async function troubleWithServer(code: string, at: CallPlace, attempt: Attempt): Promise<Said | undefined> {
  switch (code) {
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY': {
      const top = (await viewServer(attempt.address, attempt.signal)).chain.at(-1);
      return [
        'grid-untrusted',
        `The certificate of DIRAC at ${at.host} comes from the authority ${top?.issuerDn ?? 'of an unknown name'}, which is not in this computer's folder of authorities ${attempt.caDirectory}; ${howToGetAuthorities}.`,
      ];
    }
    case 'CERT_HAS_EXPIRED':
      return ['grid-untrusted', `The certificate of DIRAC at ${at.host} has expired; tell its administrator.`];
    case 'CERT_NOT_YET_VALID':
      return [
        'grid-untrusted',
        `The certificate of DIRAC at ${at.host} is not valid yet; look at this computer's clock (${attempt.now.toISOString()}), else tell the server's administrator.`,
      ];
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const [own] = (await viewServer(attempt.address, attempt.signal)).chain;
      const whose = own?.x509.subjectAltName ?? own?.dn ?? 'another';
      return [
        'grid-untrusted',
        `What answers at ${at.host} shows a certificate of another host (${whose}); check the address of the grid.`,
      ];
    }
    default:
      return undefined;
  }
}

/** The handshake was not understood, or broken off before anything was said. */
async function otherThanTls(code: string, at: CallPlace, attempt: Attempt): Promise<Said | undefined> {
  if (!code.startsWith('ERR_SSL_') && !['EPROTO', 'ECONNRESET', 'UND_ERR_CONNECT_TIMEOUT'].includes(code))
    return undefined;
  const words = await plainWords(attempt.address, attempt.signal);
  if (words === undefined) return undefined;
  return words.startsWith('HTTP/')
    ? [
        'grid-not-secure',
        `What answers at ${at.host} speaks plain HTTP and not HTTPS, so no certificate can be shown to it; ask the grid's administrator for the port of its HTTPS services.`,
      ]
    : [
        'grid-not-dirac',
        `What answers at ${at.host} is no HTTPS server (it says "${words}"); check host and port of the grid.`,
      ];
}

function unreachable(code: string, at: CallPlace): Said {
  const why = reasons[code];
  return [
    'grid-unreachable',
    `DIRAC's ${at.service} at ${at.host} did not answer this computer (${why === undefined ? code : `${why}, ${code}`}); it is tried again.`,
  ];
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it broke the connection off',
  UND_ERR_SOCKET: 'it broke the connection off',
  ENOTFOUND: 'there is no host of that name',
  EHOSTUNREACH: 'no way leads there',
  UND_ERR_CONNECT_TIMEOUT: 'a firewall may swallow it',
  UND_ERR_HEADERS_TIMEOUT: 'it took the call and said nothing',
};

function codeOf(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    // OpenSSL 3.2 has another name for what all before it called an alert of SSL 3.
    if ('code' in one && typeof one.code === 'string') return one.code.replace('SSL/TLS_ALERT', 'SSLV3_ALERT');
  }
  return undefined;
}
