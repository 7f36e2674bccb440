import { randomBytes } from 'node:crypto';
import { Refusal } from './refusal.js';

/** How a ticket came to its end, for the log. */
type End = 'spent' | 'expired' | 'taken back';

/** So many ended tickets are remembered, to tell in the log why one is no good. */
const rememberedEnds = 4096;

/**
 * One-use tickets, by which a target's outgoing connection finds the caller that waits for it.
 *
 * A ticket is the only thing that joins two sockets, so it is unguessable (128 bit), bound to one owner,
 * and dies with its first use or its time, whichever comes first. Protocol: docs/relay.md.
 */
export class Tickets<Waiting extends { readonly owner: string }> {
  private readonly waiting = new Map<string, { readonly caller: Waiting; readonly expiry: NodeJS.Timeout }>();
  private readonly ended = new Map<string, End>();

  /** @param lifetimeMs how long a caller waits; `onExpire` then owns it again. */
  constructor(
    private readonly lifetimeMs: number,
    private readonly onExpire: (caller: Waiting) => void,
  ) {}

  issue(caller: Waiting): string {
    const ticket = randomBytes(16).toString('base64url');
    const expiry = setTimeout(() => {
      this.finish(ticket, 'expired');
      this.onExpire(caller);
    }, this.lifetimeMs);
    this.waiting.set(ticket, { caller, expiry });
    return ticket;
  }

  /**
   * @param owner who shows the ticket; another's stays good for its owner
   * @throws Refusal `ticket-unknown`; one answer on the wire for all reasons, the message tells them apart
   */
  redeem(ticket: string, owner: string): Waiting {
    const found = this.waiting.get(ticket);
    if (found === undefined) {
      throw new Refusal('ticket-unknown', `The ticket was ${this.ended.get(ticket) ?? 'never issued'}.`);
    }
    if (found.caller.owner !== owner) throw new Refusal('ticket-unknown', "The ticket is another's.");
    this.finish(ticket, 'spent');
    return found.caller;
  }

  /** Ends a ticket whose caller waits no longer. */
  takeBack(ticket: string): void {
    this.finish(ticket, 'taken back');
  }

  get size(): number {
    return this.waiting.size;
  }

  private finish(ticket: string, end: End): void {
    const found = this.waiting.get(ticket);
    if (found === undefined) return;
    clearTimeout(found.expiry);
    this.waiting.delete(ticket);
    this.ended.set(ticket, end);
    for (const oldest of this.ended.keys()) {
      if (this.ended.size <= rememberedEnds) break;
      this.ended.delete(oldest);
    }
  }
}
