import { SitespanError } from '../../base/errors.js';
import type { ProxyFacts } from '../../credentials/proxyFile.js';
import { moment } from '../../owner/moment.js';
import { ofError, ofState, type Trouble } from '../troubles.js';
import { aboutProxy, conditionOf, type KnownProxy, whatStops } from './knownProxy.js';

/** What is to be said of a proxy to those who need it; nothing where it is good. */
export function troubleOfProxy(proxy: KnownProxy, now: number): Trouble | undefined {
  const { use, found } = proxy;
  const about = aboutProxy(proxy);
  if (found instanceof SitespanError) return ofError(found, about);
  switch (conditionOf(proxy, now).state) {
    case 'proxy-missing':
      return ofState('proxy-missing', about, notYetValid(found, now));
    case 'proxy-expiring':
      return ofState(
        'proxy-expiring',
        about,
        `The proxy ${use.path} ends at ${moment(found.expires)}; then ${whatStops}.`,
      );
    case 'proxy-expired':
      return ofState(
        'proxy-expired',
        about,
        `The proxy ${use.path} expired at ${moment(found.expires)}: ${whatStops}.`,
      );
    default:
      return undefined;
  }
}

/** Of those that a cluster or grid needs. */
export function troublesOfProxies(proxies: readonly KnownProxy[], now: number): Trouble[] {
  return proxies.flatMap((proxy) => troubleOfProxy(proxy, now) ?? []);
}

function notYetValid({ path, notBefore }: ProxyFacts, now: number): string {
  return `The proxy ${path} is valid from ${moment(notBefore)} on, and this computer's clock says ${moment(new Date(now))}; set the clock, or wait.`;
}
