import assert from 'node:assert/strict';
import type { SitespanError } from '../../../../src/base/errors.js';
import { Emitter } from '../../../../src/base/events.js';
import type { ProxyFacts } from '../../../../src/credentials/proxyFile.js';
import type { KnownProxy } from '../../../../src/editor/proxy/knownProxy.js';
import type { ProxyUse } from '../../../../src/owner/proxy/proxiesInUse.js';

/** The clock of these tests, in milliseconds of the epoch. */
export const now = Date.parse('2026-12-01T12:00:00Z');
const minuteMs = 60_000;

/** Ada's proxy for gridpp, made an hour ago, with so many minutes left. */
export function factsWith({
  minutes = 720,
  ...changes
}: Partial<ProxyFacts> & { readonly minutes?: number } = {}): ProxyFacts {
  return {
    ...{ path: '/tmp/x509up_u7', subject: '/C=UK/CN=ada/CN=1', identity: '/C=UK/CN=ada', issuer: '/C=UK/CN=Lab CA' },
    ...{ proxies: 1, limited: false, group: 'gridpp_user', voms: false },
    ...{ notBefore: new Date(now - 60 * minuteMs), expires: new Date(now + minutes * minuteMs), ...changes },
  };
}

/** @param found how its file is; why it cannot be read */
export function proxyWith(
  use: Partial<ProxyUse> = {},
  found: Parameters<typeof factsWith>[0] | SitespanError = {},
): KnownProxy {
  const whole: ProxyUse = {
    ...{
      path: '/tmp/x509up_u7',
      grids: ['gridpp'],
      clusters: [],
      groups: ['gridpp_user'],
      authorities: '/certificates',
    },
    ...use,
  };
  return { use: whole, found: found instanceof Error ? found : factsWith({ path: whole.path, ...found }) };
}

/** What a window knows of proxies, as the test has it. */
export class KnownProxies {
  private readonly changed = new Emitter((error) => assert.fail(String(error)));
  readonly onDidChange = this.changed.event;
  known: readonly KnownProxy[] = [];
  readonly now = now;

  become(...known: readonly KnownProxy[]): void {
    this.known = known;
    this.changed.fire();
  }

  ofCluster(name: string): readonly KnownProxy[] {
    return this.known.filter(({ use }) => use.clusters.includes(name));
  }

  ofGrid(name: string): readonly KnownProxy[] {
    return this.known.filter(({ use }) => use.grids.includes(name));
  }
}
