import { SitespanError } from '../base/errors.js';

/** What who is known is told: status, and whether trying again is of no use (docs/relay.md, "Refusals"). */
export const refusals = {
  'bad-request': { status: 400, final: true },
  'role-not-allowed': { status: 403, final: true },
  'not-your-name': { status: 403, final: true },
  revoked: { status: 403, final: true },
  'unknown-target': { status: 404, final: true },
  'ticket-unknown': { status: 404, final: true },
  'id-in-use': { status: 409, final: true },
  limit: { status: 503, final: false },
  'target-refused': { status: 503, final: false },
  'target-silent': { status: 504, final: false },
} as const;
export type RefusalCode = keyof typeof refusals;

/** The relay refuses somebody it knows. The message is for the log, and never goes over the wire. */
export class Refusal extends SitespanError {
  constructor(
    readonly refusal: RefusalCode,
    message: string,
  ) {
    super(refusal, message);
    this.name = 'Refusal';
  }

  get status(): number {
    return refusals[this.refusal].status;
  }

  /** Whether the same request can never be granted. */
  get final(): boolean {
    return refusals[this.refusal].final;
  }
}

export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(refusals, text);
}

/** Why a stranger is sent away. Only the relay's log says which: the wire has one answer for all. */
export type StrangerCode =
  | 'head-garbage'
  | 'head-too-large'
  | 'head-too-slow'
  | 'no-auth'
  | 'unknown-tenant'
  | 'unknown-role'
  | 'expired'
  | 'bad-mac'
  | 'stale-clock'
  | 'replay'
  | 'too-many-strangers';

/** The relay does not know who calls. */
export class StrangerError extends SitespanError {
  constructor(
    readonly stranger: StrangerCode,
    message: string,
  ) {
    super(stranger, message);
    this.name = 'StrangerError';
  }
}
