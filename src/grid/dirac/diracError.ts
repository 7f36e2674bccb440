import { SitespanError } from '../../base/errors.js';

/** Which call of which service a failure belongs to, and as whom it was made. */
export interface CallPlace {
  readonly service: string;
  readonly method: string;
  /** Host and port. */
  readonly host: string;
  /** `the proxy /tmp/x509up_u0`, `the certificate /C=UK/…`. */
  readonly who: string;
  /** What to do when that has expired. */
  readonly renewal: string;
  /** DIRAC's group in it; none in a certificate. */
  readonly group?: string | undefined;
}

/** What an HTTP status other than 200 means. */
export function statusError(status: number, at: CallPlace): SitespanError {
  const call = `${at.service}.${at.method} at ${at.host}`;
  if (status >= 300 && status < 400) {
    return new SitespanError(
      'grid-not-dirac',
      `What answers at ${at.host} sends elsewhere (HTTP status ${status}), as DIRAC's web portal does and its services do not; ask for the address of the services.`,
    );
  }
  switch (status) {
    case 401: {
      const lacking = at.group === undefined ? 'its owner may not do that' : `the group ${at.group} may not do that`;
      return new SitespanError(
        'grid-unauthorized',
        `DIRAC refused ${call}: it does not know who made ${at.who}, or there is no such group, or its owner is not in it, or ${lacking}; "sitespan proxy init --grid GRID --group GROUP" finds out which. After a change of group it may take a minute.`,
      );
    }
    case 404:
      return new SitespanError(
        'grid-service-missing',
        `There is no service ${at.service} of DIRAC at ${at.host}, or what answers there is no DIRAC; name its address in the grid's services.`,
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

/** A status of 200, and an answer that is not DIRAC's. */
export function answerError(type: string, at: CallPlace, cause: unknown): SitespanError {
  return type.includes('json')
    ? new SitespanError(
        'grid-answer-unknown',
        `DIRAC at ${at.host} answered ${at.service}.${at.method} in a way that is not understood.`,
        { cause },
      )
    : new SitespanError(
        'grid-not-dirac',
        `What answers at ${at.host} is not DIRAC (it sent ${type === '' ? 'no type of content' : type} for ${at.service}.${at.method}); check the address of the grid.`,
        { cause },
      );
}
