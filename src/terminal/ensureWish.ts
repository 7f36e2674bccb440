import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { parseEnvironment } from '../environment/parseEnvironment.js';

const word = z.string().min(1);
const file = word.refine(isAbsolute, 'It must be an absolute path.');

/** What a person knows of a grid that was not added: `GridClues`. */
const gridClues = z.strictObject({
  url: z.url({ protocol: /^https$/, error: 'It is an address that starts with https://.' }).optional(),
  configuration: z.url({ protocol: /^https$/, error: 'It is an address that starts with https://.' }).optional(),
  cfg: file.optional(),
  setup: word.optional(),
  vo: word.optional(),
  group: word.optional(),
  proxy: file.optional(),
  caDirectory: file.optional(),
});

/** What a program asks for on stdin: how to make the cluster, if there is none of that name (docs/architecture.md). */
const ensureWish = z.strictObject({
  /** False: only one that is there already. */
  create: z.boolean().default(true),
  python: word.default('python3'),
  localSites: z
    .array(z.strictObject({ name: word, slots: z.int().min(1), enter: z.array(z.string()).default([]) }))
    .min(1)
    .default([{ name: 'local', slots: 64, enter: [] }]),
  /** One that others run; the key is named by its file. */
  relay: z
    .strictObject({ address: word, key: file, ca: file.optional(), name: word.optional(), tenant: word.optional() })
    .optional(),
  /** Where a pool's workers shall go that is not this computer: found out before anything is made. */
  pool: z
    .strictObject({
      grid: z.union([word, gridClues]),
      sites: z.array(word).default([]),
      /** Of its workers, in the form of `up --worker-environment`; else the pool says. */
      environment: word.transform((text) => parseEnvironment(text)).optional(),
    })
    .optional(),
});
export type EnsureWish = z.output<typeof ensureWish>;

/** @throws SitespanError `bad-request`, `usage` */
export function parseEnsureWish(said: string): EnsureWish {
  try {
    return ensureWish.parse(said.trim() === '' ? {} : JSON.parse(said));
  } catch (cause) {
    if (SitespanError.is(cause)) throw cause;
    throw new SitespanError(
      'bad-request',
      `What "sitespan ensure" was given on its stdin is not what it understands: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
  return issue === undefined ? 'it is no JSON.' : sentenceOf(issue);
}

function sentenceOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string {
  const path = [...above, ...issue.path];
  // Of what may be a word or an object, the object's fault tells more.
  const inner = issue.code === 'invalid_union' ? issue.errors.at(-1)?.[0] : undefined;
  if (inner !== undefined) return sentenceOf(inner, path);
  return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`;
}
