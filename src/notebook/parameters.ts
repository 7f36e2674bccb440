import { SitespanError } from '../base/errors.js';

/** What Python takes as a name, near enough; the kernel's host looks again. */
const pythonName = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * A notebook's parameters from `name=value`: the value is JSON where it is JSON, else a string. Of two of one name the
 * last counts.
 *
 * @throws SitespanError `usage`
 */
export function parseParameters(given: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(given.map(parseParameter));
}

function parseParameter(text: string): [string, unknown] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  if (at < 0 || !pythonName.test(name)) {
    throw new SitespanError('usage', `-p takes name=value with a Python name, such as -p events=1000, not ${text}.`);
  }
  return [name, readValue(name, text.slice(at + 1))];
}

function readValue(name: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof value === 'number' && /^\s*-?\d+\s*$/.test(text) && !Number.isSafeInteger(value)) {
    throw new SitespanError(
      'usage',
      `The parameter ${name}=${text} is too large to be passed exactly; give it as a string: -p '${name}="${text}"'.`,
    );
  }
  return value;
}
