import { SitespanError } from '../../base/errors.js';

/** Which call of which service a failure belongs to. */
export interface CallPlace {
  readonly service: string;
  readonly method: string;
  /** Host and port. */
  readonly host: string;
  readonly proxy: string;
  readonly group: string;
}

/** What a TLS or connection failure means, in a sentence. DIRAC may or may not have carried the call out. */
export function connectionError(cause: unknown, at: CallPlace): SitespanError {
  const code = codeOf(cause);
  const say = (kind: string, sentence: string): SitespanError => new SitespanError(kind, sentence, { cause });
  switch (code) {
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
      return say(
        'grid-untrusting',
        `DIRAC at ${at.host} does not know the authority that made the certificate behind ${at.proxy}; ask its administrator which authorities it takes.`,
      );
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
      return say(
        'proxy-expired',
        `DIRAC at ${at.host} says that the proxy ${at.proxy} has expired; make one with "dirac-proxy-init -g ${at.group}".`,
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return say(
        'grid-untrusted',
        `The certificate of DIRAC at ${at.host} comes from an authority that is not in this computer's folder of authorities; name the grid's in caDirectory.`,
      );
    case 'CERT_HAS_EXPIRED':
      return say('grid-untrusted', `The certificate of DIRAC at ${at.host} has expired; tell its administrator.`);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say(
        'grid-untrusted',
        `What answers at ${at.host} shows a certificate of another host; check the address of the grid.`,
      );
    default:
      return say(
        'grid-unreachable',
        `DIRAC's ${at.service} at ${at.host} did not answer this computer (${code ?? String(cause)}); it is tried again.`,
      );
  }
}

/** What an HTTP status other than 200 means. */
export function statusError(status: number, at: CallPlace): SitespanError {
  const call = `${at.service}.${at.method} at ${at.host}`;
  switch (status) {
    case 401:
      return new SitespanError(
        'grid-unauthorized',
        `DIRAC refused ${call}: it does not know who made the proxy ${at.proxy}, or the group ${at.group} may not do that. After a change of group it may take a minute.`,
      );
    case 404:
      return new SitespanError(
        'grid-service-missing',
        `There is no service ${at.service} of DIRAC at ${at.host}; name its address in the grid's services.`,
      );
    case 501:
      return new SitespanError('grid-method-missing', `DIRAC's ${at.service} at ${at.host} has no ${at.method}.`);
    default:
      return new SitespanError('grid-failed', `DIRAC failed at ${call} with HTTP status ${status}.`);
  }
}

/** DIRAC's own `OK: false`, with its words. */
export function refusalError(message: string, at: CallPlace): SitespanError {
  const words = message.replaceAll(/\s+/g, ' ').slice(0, 300);
  return new SitespanError('grid-refused', `DIRAC at ${at.host} refused ${at.service}.${at.method}: ${words}.`);
}

function codeOf(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('code' in one && typeof one.code === 'string') return one.code;
  }
  return undefined;
}
