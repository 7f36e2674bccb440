import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { roles } from './credential.js';
import { nameSchema } from './names.js';

const ticketSchema = z.string().min(1).max(64);

/** What a listener says on its control connection (docs/relay.md, "Control lines"). */
export const fromListenerSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('pong') }),
  z.object({ op: z.literal('refuse'), ticket: ticketSchema }),
  z.object({ op: z.literal('bye') }),
  z.object({ op: z.literal('revoke'), subjects: z.array(nameSchema) }),
]);
export type FromListener = z.infer<typeof fromListenerSchema>;

/** What the relay says on it. */
export const fromRelaySchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('registered'), id: z.string(), cookie: z.string(), pingMs: z.int().positive() }),
  z.object({ op: z.literal('ping') }),
  z.object({ op: z.literal('dial'), ticket: ticketSchema, from: z.string(), role: z.enum(roles) }),
  z.object({ op: z.literal('revoked'), count: z.int().nonnegative() }),
]);
export type FromRelay = z.infer<typeof fromRelaySchema>;

export function writeLine(message: FromListener | FromRelay): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts what comes in into lines of JSON. */
export class LineReader<Message> {
  private rest = Buffer.alloc(0);

  constructor(
    private readonly schema: z.ZodType<Message>,
    private readonly limitBytes: number,
  ) {}

  /** @throws SitespanError `control-garbage` for a line that is too long, is no JSON, or means nothing */
  push(chunk: Buffer): Message[] {
    const got = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages: Message[] = [];
    let from = 0;
    for (let end = got.indexOf(10); end >= 0; end = got.indexOf(10, from)) {
      messages.push(this.parse(got.subarray(from, end)));
      from = end + 1;
    }
    this.rest = Buffer.from(got.subarray(from));
    if (this.rest.length > this.limitBytes) throw this.garbage('is too long');
    return messages;
  }

  private parse(line: Buffer): Message {
    if (line.length > this.limitBytes) throw this.garbage('is too long');
    let json: unknown;
    try {
      json = JSON.parse(line.toString('utf8'));
    } catch {
      throw this.garbage('is not JSON');
    }
    const message = this.schema.safeParse(json);
    if (!message.success) throw this.garbage('means nothing');
    return message.data;
  }

  private garbage(what: string): SitespanError {
    return new SitespanError('control-garbage', `A line of the relay's control connection ${what}.`);
  }
}
