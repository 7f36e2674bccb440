import { SitespanError } from '../base/errors.js';

const secondsOf: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const megabytesOf: Readonly<Record<string, number>> = {
  '': 1,
  m: 1,
  mb: 1,
  mib: 1.048_576,
  g: 1000,
  gb: 1000,
  gib: 1073.741_824,
};

/** A whole number from `least` on. @throws SitespanError `usage` */
export function wholeNumber(text: string, what: string, least = 0): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least) return number;
  throw new SitespanError('usage', `${what} must be a whole number from ${least} on, not ${text}.`);
}

/** `24h`, `90min`, `86400` as seconds. @throws SitespanError `usage` */
export function seconds(text: string, what: string): number {
  return inUnits(text, secondsOf, `${what} must be a time such as 24h, 90min or 3600, not ${text}.`);
}

/** `4GB`, `2000` as megabytes. @throws SitespanError `usage` */
export function megabytes(text: string, what: string): number {
  return inUnits(text, megabytesOf, `${what} must be a size such as 4GB or 2000 (in MB), not ${text}.`);
}

function inUnits(text: string, units: Readonly<Record<string, number>>, sentence: string): number {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?) ?([A-Za-z]*)$/.exec(text) ?? [];
  const one = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (number === '' || one === undefined) throw new SitespanError('usage', sentence);
  return Math.ceil(Number(number) * one);
}
