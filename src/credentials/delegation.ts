import { createPublicKey, verify } from 'node:crypto';
import { SitespanError } from '../base/errors.js';
import { bitsOf, derOf, oidOf, parseDer, partOf } from './der.js';
import { hashOfSignature } from './oids.js';
import { pemBlocksOf } from './pem.js';
import { issueProxy, type ProxyWish } from './proxy.js';
import type { UserCredential } from './userCredential.js';

const leastRsaBits = 2048;

/**
 * Signs a server's request for a proxy of ours (PKCS#10, RFC 2986), so that no private key travels: the new proxy
 * certificate, then the credential's chain. What DIRAC's `completeDelegationUpload` takes; it refuses a group or VOMS
 * attributes anywhere in the chain, so `credential` is the user's certificate or a proxy without them.
 *
 * @throws SitespanError `delegation-request-invalid`, `delegation-key-short`, and as `makeProxy`
 */
export function signDelegation(
  credential: UserCredential,
  requestPem: string,
  wish: Pick<ProxyWish, 'seconds' | 'now'>,
): string {
  const publicKey = publicKeyOf(requestPem);
  const certificate = issueProxy(credential, publicKey, wish);
  return [certificate, ...credential.chain].map(({ pem }) => pem).join('');
}

/** DER of the request's key, once it is proved to be the requester's own. */
function publicKeyOf(requestPem: string): Buffer {
  try {
    const der = pemBlocksOf(requestPem, 'CERTIFICATE REQUEST')[0]?.der;
    if (der === undefined) throw new TypeError('there is no certificate request in it');
    const request = parseDer(der);
    const body = partOf(request, 0);
    const spki = derOf(partOf(body, 2));
    const hash = hashOfSignature[oidOf(partOf(partOf(request, 1), 0))];
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (hash === undefined || !verify(hash, derOf(body), key, bitsOf(partOf(request, 2)))) {
      throw new TypeError('it is not signed by its own key');
    }
    const bits = key.asymmetricKeyDetails?.modulusLength ?? leastRsaBits;
    if (bits >= leastRsaBits) return spki;
    throw new SitespanError(
      'delegation-key-short',
      `The server's request for a proxy is not signed: its key has ${bits} bits, and less than ${leastRsaBits} can be broken; tell the server's administrators.`,
    );
  } catch (cause) {
    if (SitespanError.is(cause)) throw cause;
    throw new SitespanError(
      'delegation-request-invalid',
      `The server's request for a proxy cannot be signed: ${cause instanceof Error ? cause.message : String(cause)}; tell the server's administrators.`,
      { cause },
    );
  }
}
