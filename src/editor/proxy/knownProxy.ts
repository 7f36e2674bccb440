import { SitespanError } from '../../base/errors.js';
import type { ProxyFacts } from '../../credentials/proxyFile.js';
import type { ProxyUse } from '../../owner/proxy/proxiesInUse.js';
import type { StateId } from '../states.js';

/** A proxy that grids here are called with, as its file is now. */
export interface KnownProxy {
  readonly use: ProxyUse;
  /** Why there is none, or none that can be read. */
  readonly found: ProxyFacts | SitespanError;
}

/** How a proxy is at some moment. */
export interface ProxyCondition {
  /** Undefined where it is good and has time left. */
  readonly state: Extract<StateId, `proxy-${string}`> | undefined;
  /** What it has left, or why it has nothing: `11 h`, `95 min`, `expired`. */
  readonly words: string;
  /** From when on that will be different, in milliseconds of the epoch; undefined while its file stays as it is. */
  readonly changesAt: number | undefined;
}

/** With less left it is time to make another. */
const soonMs = 2 * 3_600_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** @param now in milliseconds of the epoch */
export function conditionOf({ found }: KnownProxy, now: number): ProxyCondition {
  if (found instanceof SitespanError) {
    const words = found.code === 'proxy-missing' ? 'missing' : 'unreadable';
    return { state: 'proxy-missing', words, changesAt: undefined };
  }
  const [begin, end] = [found.notBefore.getTime(), found.expires.getTime()];
  if (now >= end) return { state: 'proxy-expired', words: 'expired', changesAt: undefined };
  if (now < begin) return { state: 'proxy-missing', words: 'not yet valid', changesAt: begin };
  const left = end - now;
  const state = left < soonMs ? 'proxy-expiring' : undefined;
  if (left < minuteMs) return { state, words: '< 1 min', changesAt: end };
  const [unitMs, unit] = left < soonMs ? [minuteMs, 'min'] : left < 2 * dayMs ? [hourMs, 'h'] : [dayMs, 'd'];
  const units = Math.floor(left / unitMs);
  return { state, words: `${units} ${unit}`, changesAt: end - units * unitMs + 1 };
}

/** Until when it is good, in milliseconds of the epoch: the past where it is not. */
export function endOf({ found }: KnownProxy): number {
  return found instanceof SitespanError ? 0 : found.expires.getTime();
}

/** What a command about a proxy is called with. */
export interface AboutProxy {
  readonly proxy: string;
}

export function aboutProxy({ use }: KnownProxy): readonly AboutProxy[] {
  return [{ proxy: use.path }];
}

/** What stops without a proxy, and what does not. */
export const whatStops =
  'submitting jobs, asking for them and killing them stop until there is another; workers that run go on';
