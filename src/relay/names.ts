import { z } from 'zod';

/** A tenant, cluster, role or subject: it has no `.`, `:` or `/`, which join names on the wire. */
export const nameSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Ids of listeners and callers: `<host>:<number>`, number 1 to 65535, without leading zeros. */
export interface Id {
  readonly host: string;
  readonly number: number;
}

/** @returns undefined for what is no id; number 0 (a free one, please) only when `zero` is true. */
export function parseId(text: string, zero = false): Id | undefined {
  const match = /^([A-Za-z0-9_-]{1,64}):(0|[1-9][0-9]{0,4})$/.exec(text);
  const host = match?.[1];
  const number = Number(match?.[2]);
  if (host === undefined || number > 65_535 || (number === 0 && !zero)) return undefined;
  return { host, number };
}

export function formatId(id: Id): string {
  return `${id.host}:${id.number}`;
}
