import { z } from 'zod';
import { environmentSpec } from '../environment/environmentSpec.js';
import { lifePhase, poolSpec, verdict } from './api.js';

/**
 * One line of a cluster's journal. A decision is written before it is carried out and its result after, so that a keeper
 * that was killed in between knows what to ask the grid (design: crash-only). `at` is Unix seconds.
 */
export const fact = z.discriminatedUnion('is', [
  z.object({ is: z.literal('relay'), at: z.number(), host: z.string(), port: z.int() }),
  z.object({ is: z.literal('pool'), at: z.number(), pool: poolSpec }),
  z.object({ is: z.literal('scale'), at: z.number(), pool: z.string(), workers: z.int() }),
  z.object({
    is: z.literal('adapt'),
    at: z.number(),
    pool: z.string(),
    minimum: z.int(),
    maximum: z.int(),
  }),
  z.object({ is: z.literal('adapted'), at: z.number(), pool: z.string(), workers: z.int() }),
  z.object({ is: z.literal('idle'), at: z.number(), since: z.number() }),
  z.object({ is: z.literal('busy'), at: z.number() }),
  z.object({
    is: z.literal('drained'),
    at: z.number(),
    minutes: z.number(),
    pools: z.array(z.object({ pool: z.string(), workers: z.int() })),
  }),
  /** Workers do not survive their start at a site: it is asked for no more until the pool is scaled again. */
  z.object({
    is: z.literal('stopped'),
    at: z.number(),
    pool: z.string(),
    site: z.string(),
    /** What the pool should have from then on: what works, or has started. */
    workers: z.int(),
    /** What it should have had. */
    wished: z.int(),
    failures: z.int(),
    why: z.string(),
  }),
  z.object({
    is: z.literal('intent'),
    at: z.number(),
    mark: z.string(),
    pool: z.string(),
    site: z.string(),
    lives: z.array(z.string()),
    token: z.string(),
    expires: z.number(),
  }),
  z.object({ is: z.literal('submitted'), at: z.number(), mark: z.string(), jobs: z.array(z.string()) }),
  z.object({ is: z.literal('refused'), at: z.number(), mark: z.string(), why: z.string() }),
  z.object({ is: z.literal('life'), at: z.number(), life: z.string(), phase: lifePhase, evidence: z.string() }),
  z.object({
    is: z.literal('enrolled'),
    at: z.number(),
    life: z.string(),
    subject: z.string(),
    evidence: z.string(),
    warnings: z.array(z.string()),
  }),
  /** What was noticed about a life besides its phases: a whole sentence. */
  z.object({ is: z.literal('noticed'), at: z.number(), life: z.string(), sentence: z.string() }),
  /** Its owner lets one worker go, and the pool is one smaller. */
  z.object({ is: z.literal('worker-drained'), at: z.number(), life: z.string() }),
  /** A short job that looks at a site, written down before it is submitted; then what it found. */
  z.object({ is: z.literal('probe'), at: z.number(), grid: z.string(), site: z.string(), mark: z.string() }),
  z.object({ is: z.literal('probed'), at: z.number(), mark: z.string(), verdict }),
  z.object({ is: z.literal('token-revoked'), at: z.number(), token: z.string() }),
  z.object({
    is: z.literal('kernel'),
    at: z.number(),
    id: z.string(),
    cwd: z.string(),
    python: z.string(),
    environment: environmentSpec.optional(),
    variables: z.record(z.string(), z.string()),
    coffeaCasa: z.boolean().default(false),
    notebook: z.string().optional(),
  }),
  z.object({ is: z.literal('kernel-notebook'), at: z.number(), id: z.string(), notebook: z.string() }),
  /** It was decided that a kernel ends; a `kernel` of the same id after it begins it anew. */
  z.object({ is: z.literal('kernel-ended'), at: z.number(), id: z.string(), why: z.string() }),
  z.object({ is: z.literal('jupyter'), at: z.number() }),
  z.object({ is: z.literal('closing'), at: z.number(), code: z.string(), why: z.string() }),
  z.object({ is: z.literal('closed'), at: z.number() }),
]);

export type Fact = z.infer<typeof fact>;
export type FactOf<Kind extends Fact['is']> = Extract<Fact, { is: Kind }>;
