import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';

/**
 * Programs and keepers of different versions meet: a cluster keeps the code it was born with, and whoever looks at it may be
 * newer or older (docs/shared-homes.md, "Versions that meet").
 */

/** The value without fields that say what is so anyway: whoever is older and does not know a field is not shown it without need. */
export function withoutDefaults(schema: z.ZodType, value: unknown): unknown {
  if (!(schema instanceof z.ZodObject) || typeof value !== 'object' || value === null) return value;
  const says = ([name, one]: [string, unknown]): boolean => {
    const field: unknown = schema.shape[name];
    if (!(field instanceof z.ZodType)) return true;
    const unsaid = field.safeParse(undefined);
    return !unsaid.success || !isDeepStrictEqual(unsaid.data, one);
  };
  return Object.fromEntries(Object.entries(value).filter(says));
}

/**
 * Fields that only waive something: an older keeper asks for no confirmation, and so needs none.
 *
 * @returns the request without them; undefined where it has none
 */
export function withoutWaivers(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('confirmed' in body)) return undefined;
  const { confirmed: _, ...rest } = body;
  return rest;
}

/** What to say when a keeper refuses as malformed what we hold for well-formed. */
export function otherVersion(folder: string, refusal: SitespanError): SitespanError {
  return new SitespanError(
    'keeper-other-version',
    `The keeper of ${folder} on this computer is of another version than this program and does not know what it was asked (${refusal.message.replace(/\.$/, '')}); do it without that, or end the cluster and make it again.`,
    { cause: refusal },
  );
}
