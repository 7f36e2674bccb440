import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { keySchema } from './credential.js';
import { nameSchema } from './names.js';

/** The users of a relay: name → key, the hex of 32 bytes. */
export type TenantKeys = Readonly<Record<string, string>>;

const fileSchema = z.object({ tenants: z.record(nameSchema, keySchema) });

/**
 * What is in a tenants file: `{"tenants": {"me": "<64 hex>"}}`.
 *
 * @param where the file, for the sentence
 * @throws SitespanError `tenants-unreadable`; it quotes nothing of the text, which is all secrets
 */
export function parseTenants(text: string, where: string): TenantKeys {
  try {
    return fileSchema.parse(JSON.parse(text)).tenants;
  } catch {
    throw new SitespanError(
      'tenants-unreadable',
      `The relay cannot read its tenants file ${where}; it must hold {"tenants": {"<name>": "<64 hex digits>"}}.`,
    );
  }
}

/** The text of a tenants file, to be written with mode 0600. */
export function tenantsText(tenants: TenantKeys): string {
  return `${JSON.stringify({ tenants }, null, 2)}\n`;
}
