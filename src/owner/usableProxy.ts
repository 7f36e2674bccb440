import { SitespanError } from '../base/errors.js';
import type { ProxyFacts } from '../credentials/proxyFile.js';
import { proxyInfo } from './proxy/proxyInfo.js';

/** A proxy that ends so soon is not worth beginning anything with, in milliseconds. */
const leastMs = 60_000;

/**
 * A proxy that servers would take now, as far as can be known here: asked before anything is begun that would fail without.
 *
 * @throws SitespanError `proxy-missing`, `proxy-unreadable`, `proxy-expired` and what else is wrong with it
 */
export async function usableProxy(path: string, authorities?: string, now = new Date()): Promise<ProxyFacts> {
  const { facts, problem } = await proxyInfo(path, { authorities, now });
  if (problem !== undefined) throw problem;
  const left = facts.expires.getTime() - now.getTime();
  if (left >= leastMs) return facts;
  throw new SitespanError(
    'proxy-expired',
    `The proxy ${path} on this computer ends in ${Math.round(left / 1000)} s; make a new one with "sitespan proxy init".`,
  );
}
