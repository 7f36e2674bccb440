import assert from 'node:assert/strict';
import { Tickets } from '../../../src/relay/tickets.js';

describe('Tickets', () => {
  const caller = { owner: 'me/c/north-3', from: 'scheduler:8786' };
  let made: Tickets<typeof caller>[] = [];
  const tickets = (lifetimeMs = 1000, onExpire: (waiting: typeof caller) => void = () => assert.fail('expired')) => {
    const t = new Tickets<typeof caller>(lifetimeMs, onExpire);
    made.push(t);
    return t;
  };
  let issued: string[] = [];
  const issue = (t: Tickets<typeof caller>): string => {
    const ticket = t.issue(caller);
    issued.push(ticket);
    return ticket;
  };
  afterEach(() => {
    for (const t of made) for (const ticket of issued) t.takeBack(ticket);
    made = [];
    issued = [];
  });

  it('bring the target to the caller that waits for it', () => {
    const t = tickets();
    assert.equal(t.redeem(issue(t), caller.owner), caller);
  });

  it('are spent by their first use', () => {
    const t = tickets();
    const ticket = issue(t);
    t.redeem(ticket, caller.owner);
    assert.throws(() => t.redeem(ticket, caller.owner), { code: 'ticket-unknown', message: /spent/ });
  });

  it('are worthless to another, and still good for their owner', () => {
    const t = tickets();
    const ticket = issue(t);
    assert.throws(() => t.redeem(ticket, 'me/c/south-1'), { code: 'ticket-unknown', message: /another's/ });
    assert.throws(() => t.redeem(ticket, 'you/c/north-3'), { code: 'ticket-unknown', message: /another's/ });
    assert.equal(t.redeem(ticket, caller.owner), caller);
  });

  it('give the caller back when their time is up', async () => {
    const t: { tickets?: Tickets<typeof caller>; ticket?: string } = {};
    const expired = await new Promise((resolve) => {
      t.tickets = tickets(5, resolve);
      t.ticket = issue(t.tickets);
    });
    assert.equal(expired, caller);
    assert.throws(() => t.tickets?.redeem(t.ticket ?? '', caller.owner), { message: /expired/ });
  });

  it('are good for nothing when made up or taken back', () => {
    const t = tickets();
    const ticket = issue(t);
    t.takeBack(ticket);
    assert.throws(() => t.redeem(ticket, caller.owner), { code: 'ticket-unknown', message: /taken back/ });
    assert.throws(() => t.redeem('made-up', caller.owner), { code: 'ticket-unknown', message: /never issued/ });
    assert.equal(t.size, 0);
  });

  it('are no two alike, and 128 bits long', () => {
    const t = tickets();
    const many = new Set(Array.from({ length: 100 }, () => issue(t)));
    assert.equal(many.size, 100);
    for (const ticket of many) assert.equal(Buffer.from(ticket, 'base64url').length, 16);
  });
});
