import { z } from 'zod';
import { credentialSchema } from './credential.js';

const pemSchema = z.string().startsWith('-----BEGIN ');

/** Where the relay is and how it is known; `ca` is absent where the system's trust is meant. */
export const relayAddressSchema = z.object({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  serverName: z.string().min(1),
  ca: pemSchema.optional(),
});
export type RelayAddress = Readonly<z.infer<typeof relayAddressSchema>>;

/** `identity.json`: how any process of ours knows who it is (docs/architecture.md). A joiner's `tls` has only `ca`. */
export const identitySchema = z.object({
  version: z.literal(1),
  relay: relayAddressSchema,
  credential: credentialSchema,
  tls: z.object({ ca: pemSchema, cert: pemSchema.optional(), key: pemSchema.optional() }),
  /** A joiner's alone: what it shows the keeper, inside of TLS, with its token. */
  joinSecret: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type Identity = Readonly<z.infer<typeof identitySchema>>;
