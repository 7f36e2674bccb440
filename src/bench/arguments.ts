import { SitespanError } from '../base/errors.js';

/** @throws SitespanError `usage` unless `text` is a whole number from 1 */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new SitespanError('usage', `${name} must be a whole number from 1, not ${text}.`);
}
