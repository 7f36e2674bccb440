import { SitespanError } from '../base/errors.js';
import type { Authority, AuthorityFolder } from './authorityFolder.js';
import { howToGetAuthorities } from './authorityFolder.js';
import { derOf, oidOf, partOf, partsOf } from './der.js';
import type { GridCertificate } from './gridCertificate.js';
import { oids } from './oids.js';
import { maySign } from './signingPolicy.js';

/** Whose a chain is, once it is trusted. */
export interface CheckedChain {
  readonly identity: string;
  /** Proxies above the user's certificate. */
  readonly proxies: number;
  readonly limited: boolean;
  readonly group: string | undefined;
  /** What is not right and does not decide: a revocation list out of date. */
  readonly warnings: readonly string[];
}

const longestChain = 8;
const knownCritical: readonly string[] = [
  oids.keyUsage,
  oids.basicConstraints,
  oids.proxyCertInfo,
  oids.extKeyUsage,
  oids.subjectAltName,
  oids.certificatePolicies,
  oids.nameConstraints,
  oids.crlDistributionPoints,
];
const languages: readonly string[] = [oids.inheritAll, oids.independent, oids.limited];

/**
 * Checks a chain of proxies and its user certificate (RFC 3820, 4; RFC 5280, 6) against a folder of authorities, as a
 * server would: what it says no to, the server would refuse without a word.
 *
 * @param chain the newest proxy first
 * @throws SitespanError `certificate-expired`, `certificate-not-yet-valid`, `proxy-expired`, `proxy-invalid`,
 *   `proxy-path-length`, `authority-unknown`, `authority-forbids`, `certificate-revoked`, `certificate-invalid`
 */
export function checkChain(chain: readonly GridCertificate[], folder: AuthorityFolder, now = new Date()): CheckedChain {
  const proxies = chain.findIndex(({ proxyPolicy }) => proxyPolicy === undefined);
  const own = chain[proxies];
  if (own === undefined) throw invalidProxy(chain[0], "the user's own certificate is missing at its end");
  chain.slice(0, proxies).forEach((proxy, depth) => {
    const above = chain[depth + 1];
    if (above !== undefined) checkProxy(proxy, above, depth, now);
  });
  checkTime(own, now);
  const warnings = checkAuthorities(own, folder, now);
  const made = chain.slice(0, proxies);
  return {
    identity: own.dn,
    proxies,
    limited: made.some(({ proxyPolicy }) => proxyPolicy?.language === oids.limited),
    group: made.find(({ diracGroup }) => diracGroup !== undefined)?.diracGroup,
    warnings,
  };
}

/** @param depth proxies that were made from this one */
function checkProxy(proxy: GridCertificate, above: GridCertificate, depth: number, now: Date): void {
  checkTime(proxy, now);
  const { proxyPolicy: policy } = proxy;
  if (policy === undefined) return;
  if (!policy.critical) throw invalidProxy(proxy, 'its proxy extension is not critical');
  if (proxy.has(oids.subjectAltName) || proxy.has(oids.issuerAltName))
    throw invalidProxy(proxy, 'it has a second name');
  if (!proxy.isNamedBy(above)) throw invalidProxy(proxy, `${above.dn} did not issue it`);
  if (!repeatsName(proxy, above)) throw invalidProxy(proxy, "its name is not its issuer's and one CN more");
  if (!proxy.x509.verify(above.x509.publicKey)) throw invalidProxy(proxy, 'its signature is bad');
  if (above.x509.ca) throw invalidProxy(proxy, 'an authority issued it');
  if (!languages.includes(policy.language)) throw invalidProxy(proxy, `its policy ${policy.language} is not known`);
  const { proxyPolicy: policyAbove } = above;
  if (policyAbove?.language === oids.limited && policy.language !== oids.limited) {
    throw invalidProxy(proxy, 'it was made from a limited proxy and is not limited');
  }
  if (policy.pathLength !== undefined && depth > policy.pathLength) {
    throw new SitespanError(
      'proxy-path-length',
      `The proxy ${proxy.dn} allows ${policy.pathLength} proxies to be made from it, and ${depth} were; make one from your certificate.`,
    );
  }
}

function repeatsName(proxy: GridCertificate, above: GridCertificate): boolean {
  const [own, issuers] = [partsOf(proxy.subject), partsOf(above.subject)];
  const last = own.at(-1);
  if (last === undefined || own.length !== issuers.length + 1) return false;
  const same = issuers.every((part, index) => {
    const mine = own[index];
    return mine !== undefined && derOf(part).equals(derOf(mine));
  });
  return same && oidOf(partOf(partOf(last, 0), 0)) === oids.commonName;
}

function checkAuthorities(own: GridCertificate, folder: AuthorityFolder, now: Date): string[] {
  const warnings: string[] = [];
  let below = own;
  for (let count = 0; count < longestChain; count++) {
    const authority = folder.find(below.issuerDn);
    if (authority === undefined) {
      throw new SitespanError(
        'authority-unknown',
        `The authority ${below.issuerDn}, which signed ${below.dn}, is not in ${folder.path} on this computer; ${howToGetAuthorities}.`,
      );
    }
    checkTime(authority.certificate, now);
    warnings.push(...checkSignature(below, authority, now));
    if (authority.certificate.isNamedBy(authority.certificate)) return warnings;
    below = authority.certificate;
  }
  throw new SitespanError(
    'certificate-invalid',
    `The certificate ${own.dn} has more than ${longestChain} authorities above it, which no grid has; ask your certification authority.`,
  );
}

function checkSignature(below: GridCertificate, { certificate, revocations, policy }: Authority, now: Date): string[] {
  const isTheirs = certificate.x509.ca && below.x509.verify(certificate.x509.publicKey);
  if (!isTheirs) {
    throw new SitespanError(
      'certificate-invalid',
      `The certificate ${below.dn} is not signed by the authority ${certificate.dn} that it names; get it from your certification authority again.`,
    );
  }
  if (policy !== undefined && !maySign(policy, certificate.dn, below.dn)) {
    throw new SitespanError(
      'authority-forbids',
      `The signing policy of the authority ${certificate.dn} does not let it sign ${below.dn}; ask your certification authority.`,
    );
  }
  if (revocations === undefined) return [];
  // A list that cannot be relied on decides nothing against anybody, and is said.
  if (!revocations.isSignedBy(certificate.x509.publicKey)) {
    return [`The revocation list of ${certificate.dn} has a bad signature; fetch it again with "fetch-crl".`];
  }
  if (revocations.has(below.serial)) {
    throw new SitespanError(
      'certificate-revoked',
      `The certificate ${below.dn} has been revoked by ${certificate.dn}; ask your certification authority for a new one.`,
    );
  }
  if (revocations.nextUpdate === undefined || revocations.nextUpdate >= now) return [];
  return [
    `The revocation list of ${certificate.dn} is out of date since ${revocations.nextUpdate.toISOString()}, and servers may refuse everybody until it is renewed; fetch it again with "fetch-crl".`,
  ];
}

function checkTime(certificate: GridCertificate, now: Date): void {
  const isProxy = certificate.proxyPolicy !== undefined;
  const what = `The ${isProxy ? 'proxy' : 'certificate'} ${certificate.dn}`;
  if (now < certificate.notBefore) {
    throw new SitespanError(
      'certificate-not-yet-valid',
      `${what} is valid from ${certificate.notBefore.toISOString()} on, and this computer's clock says ${now.toISOString()}; set the clock, or wait.`,
    );
  }
  if (now > certificate.notAfter) {
    throw new SitespanError(
      isProxy ? 'proxy-expired' : 'certificate-expired',
      `${what} expired at ${certificate.notAfter.toISOString()}; ${isProxy ? 'make a new one from your certificate' : 'ask your certification authority to renew it'}.`,
    );
  }
  const unknown = certificate.criticalExtensions.find((id) => !knownCritical.includes(id));
  if (unknown !== undefined) {
    throw new SitespanError(
      'certificate-invalid',
      `${what} has a critical extension that is not known (${unknown}), so servers will refuse it; ask your certification authority.`,
    );
  }
}

function invalidProxy(proxy: GridCertificate | undefined, why: string): SitespanError {
  return new SitespanError(
    'proxy-invalid',
    `The proxy ${proxy?.dn ?? 'that was given'} is not a proxy that servers take: ${why}; make a new one from your certificate.`,
  );
}
