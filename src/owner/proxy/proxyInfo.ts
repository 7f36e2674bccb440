import { SitespanError } from '../../base/errors.js';
import { type ProxyFacts, proxyFacts, readProxyFile } from '../../credentials/proxyFile.js';
import { judged } from './ownCertificate.js';

/** A proxy's file, and whether servers would take it. */
export interface ProxyInfo {
  readonly facts: ProxyFacts;
  /** Why it would be refused; undefined where it would not, as far as can be known here. */
  readonly problem: SitespanError | undefined;
  readonly warnings: readonly string[];
}

/**
 * What a proxy is and whether it is good.
 *
 * @param authorities where authorities lie; where grids' tools look, unless told otherwise
 * @throws SitespanError `proxy-missing`, `proxy-unreadable`; `authorities-missing` where a folder was named
 */
export async function proxyInfo(
  path: string,
  { authorities, now = new Date() }: { readonly authorities?: string | undefined; readonly now?: Date } = {},
): Promise<ProxyInfo> {
  const { chain } = await readProxyFile(path);
  const facts = proxyFacts(path, chain);
  const problem = timeProblem(facts, now);
  // Its file is what a person looks for; where the certificate has ended, that is to be said.
  if (problem?.code === 'proxy-expired' && chain.at(-1)?.isValidAt(now) === true)
    return { facts, problem, warnings: [] };
  try {
    const warnings = await judged(chain, authorities, now);
    return { facts, problem, warnings };
  } catch (error) {
    if (!SitespanError.is(error) || error.code === 'authorities-missing') throw error;
    return { facts, problem: error, warnings: [] };
  }
}

/** What can be said where there are no authorities to check it by. */
function timeProblem({ path, notBefore, expires }: ProxyFacts, now: Date): SitespanError | undefined {
  if (expires <= now) {
    return new SitespanError(
      'proxy-expired',
      `The proxy ${path} on this computer expired at ${expires.toISOString()}; make a new one with "sitespan proxy init".`,
    );
  }
  if (notBefore <= now) return undefined;
  return new SitespanError(
    'certificate-not-yet-valid',
    `The proxy ${path} is valid from ${notBefore.toISOString()} on, and this computer's clock says ${now.toISOString()}; set the clock, or wait.`,
  );
}
