import { SitespanError } from '../../base/errors.js';
import { commands } from '../../ids.js';
import { moment } from '../../owner/moment.js';
import { sentenceInWindow } from '../remedies.js';
import { stateOf } from '../states.js';
import type { Status } from '../status.js';
import { aboutProxy, conditionOf, type KnownProxy } from './knownProxy.js';
import { troubleOfProxy } from './proxyTroubles.js';

/**
 * What the status bar says of the proxies that are used: how long the one that ends first is good, `proxy 11 h`.
 *
 * @param known the one that ends first comes first
 * @param now milliseconds of the epoch
 * @returns undefined where no grid needs one
 */
export function proxyStatusOf(known: readonly KnownProxy[], now: number): Status | undefined {
  const [first, ...others] = known;
  if (first === undefined) return undefined;
  const { state, words } = conditionOf(first, now);
  // Somebody who has only added a grid may not want one yet.
  const isWanted = !(first.found instanceof SitespanError) || first.use.clusters.length > 0;
  const tone = state === undefined || !isWanted ? 'plain' : stateOf(state).tone;
  const about = aboutProxy(first);
  const isThere = !(first.found instanceof SitespanError);
  const action = isThere
    ? { command: commands.renewProxy, label: 'Renew Proxy', arguments: about }
    : { command: commands.initProxy, label: 'Initialise Proxy', arguments: about };
  const more = others.length === 0 ? '' : ` +${others.length}`;
  const trouble = troubleOfProxy(first, now);
  return {
    text: `$(key) proxy ${words}${more}`,
    lines: [...(trouble === undefined ? [] : [trouble.sentence]), ...known.flatMap((one) => linesOf(one, now))],
    links: [action, { command: commands.proxyInfo, label: 'Proxy Info' }],
    action,
    tone,
    spoken: `Grid proxy: ${words}${trouble === undefined ? ' left' : `, ${trouble.sentence}`}`,
  };
}

function linesOf(proxy: KnownProxy, now: number): string[] {
  const { use, found } = proxy;
  const { words } = conditionOf(proxy, now);
  const users = [...use.grids, ...use.clusters.map((name) => `cluster ${name}`)].join(', ');
  if (found instanceof SitespanError) return [sentenceInWindow(found.message), `For ${users}.`];
  const group = found.group === undefined ? '' : `, group ${found.group}`;
  return [`${found.identity}${group}: ${words}, until ${moment(found.expires)}.`, `${use.path}, for ${users}.`];
}
