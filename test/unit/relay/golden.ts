import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { credentialSchema } from '../../../src/relay/credential.js';

const schema = z.object({
  tenant: z.string(),
  userKey: z.string(),
  cluster: z.string(),
  clusterSecret: z.string(),
  credentials: z.array(credentialSchema).min(5),
  cookies: z.array(z.object({ id: z.string(), cookie: z.string() })).min(3),
  preludes: z
    .array(
      z.object({
        name: z.string(),
        credential: z.string(),
        target: z.string(),
        secret: z.string().optional(),
        ms: z.number(),
        nonce: z.string(),
        mac: z.string(),
        head: z.string(),
      }),
    )
    .min(5),
  answers: z.array(z.object({ name: z.string(), head: z.string() })).min(4),
  stepDown: z.string(),
  controlLines: z.array(z.object({ name: z.string(), from: z.string(), line: z.string() })).min(8),
});

/** The golden bytes of docs/relay.md, which the Python tests read, too. */
export const golden = schema.parse(
  JSON.parse(readFileSync(new URL('../../fixtures/relay-v1.json', import.meta.url), 'utf8')),
);

export function goldenCredential(subject: string): z.infer<typeof credentialSchema> {
  const found = golden.credentials.find((credential) => credential.subject === subject);
  if (found === undefined) throw new Error(`The fixture has no credential of ${subject}.`);
  return found;
}
