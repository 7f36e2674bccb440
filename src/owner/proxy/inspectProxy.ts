import { SitespanError } from '../../base/errors.js';
import { usualProxyPath } from '../../credentials/proxyFile.js';
import { duration } from '../duration.js';
import { moment } from '../moment.js';
import type { ProxyUse } from './proxiesInUse.js';
import { type ProxyInfo, proxyInfo } from './proxyInfo.js';

/** A proxy that is used, and what there is to say of it. */
export interface InspectedProxy {
  readonly use: ProxyUse;
  /** Why it cannot be told, where it is missing or unreadable. */
  readonly found: ProxyInfo | SitespanError;
}

/** Where grids' tools look, for somebody who has added no grid. */
export function usualProxy(): ProxyUse {
  return { path: usualProxyPath(), grids: [], clusters: [], groups: [], authorities: '' };
}

/** Looks at a proxy as its servers will. Where its grid's authorities are not on this computer, what needs none is told. */
export async function inspectProxy(use: ProxyUse, now = new Date()): Promise<InspectedProxy> {
  const { path, authorities } = use;
  try {
    return { use, found: await proxyInfo(path, { now, ...(authorities !== '' && { authorities }) }) };
  } catch (error) {
    if (!SitespanError.is(error)) throw error;
    if (error.code !== 'authorities-missing') return { use, found: error };
    const { facts, problem, warnings } = await proxyInfo(path, { now });
    return { use, found: { facts, problem, warnings: [`Not checked as servers do: ${error.message}`, ...warnings] } };
  }
}

/** Proxies as a document (Markdown): whose, for what, how long, and what is wrong. */
export function proxyReport(proxies: readonly InspectedProxy[], now: Date): string {
  return `${['# Proxy', ...proxies.map((one) => sectionOf(one, now))].join('\n\n')}\n`;
}

function sectionOf({ use, found }: InspectedProxy, now: Date): string {
  const users = [
    ...(use.grids.length === 0 ? [] : [`- For: ${use.grids.join(', ')}`]),
    ...(use.clusters.length === 0 ? [] : [`- Used by: ${use.clusters.join(', ')}`]),
  ];
  const title = `## ${use.path}`;
  if (found instanceof SitespanError) return [title, '', ...users, '', `**${found.message}**`].join('\n');
  const { facts, problem, warnings } = found;
  const { identity, issuer, group, limited, proxies, voms, expires } = facts;
  const left = (expires.getTime() - now.getTime()) / 1000;
  const kind = proxies === 0 ? 'a certificate with its key' : limited ? 'limited proxy' : 'proxy';
  const lines = [
    `- Identity: ${identity}`,
    `- Issuer: ${issuer}`,
    `- Group: ${group ?? "none: DIRAC's default for you"}`,
    `- Kind: ${kind}${voms ? ', with VOMS attributes' : ''}`,
    `- Left: ${left > 0 ? `${duration(left)}, until` : 'nothing, it expired at'} ${moment(expires)}`,
  ];
  const said = [...(problem === undefined ? [] : [problem.message]), ...groupTrouble(use, group), ...warnings];
  const wrong = said.length === 0 ? [] : ['', '### What is wrong', '', ...said.map((one) => `- ${one}`)];
  return [title, '', ...lines, ...users, ...wrong].join('\n');
}

function groupTrouble({ path, groups }: ProxyUse, group: string | undefined): string[] {
  const others = group === undefined ? [] : groups.filter((one) => one !== group);
  if (others.length === 0) return [];
  return [
    `It is for the group ${group}, and grids that are called with ${path} are for ${others.join(', ')}: give each its own file.`,
  ];
}
