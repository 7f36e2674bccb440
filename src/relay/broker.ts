import { upgradeAnswer } from './answers.js';
import { type Authenticated, sameSecret } from './authenticate.js';
import { type Cluster, Clusters, type Stream, type Target, type Waiting } from './clusters.js';
import { Control } from './control.js';
import type { FromListener } from './controlLines.js';
import { cookieOf } from './credential.js';
import type { Limits } from './limits.js';
import { formatId, type Id } from './names.js';
import type { OuterTls } from './outerTls.js';
import { type Caller, mayConnect, mayListen } from './permissions.js';
import { Refusal } from './refusal.js';
import type { RelayLog } from './relayLog.js';
import type { RelayRequest } from './request.js';
import { splice } from './splice.js';
import { Tickets } from './tickets.js';

/** Joins those who are known: registers listeners, tells them who waits, and splices the two connections. */
export class Broker {
  private readonly clusters: Clusters;
  private readonly tickets: Tickets<Waiting>;
  private readonly born = performance.now();
  /** Waiting callers and streams, all clusters'. */
  private busy = 0;
  private disposed = false;

  constructor(
    private readonly limits: Limits,
    private readonly log: RelayLog,
    /** A caller is sent away; says so to it and to the log. */
    private readonly refuse: (outer: OuterTls, caller: Caller, refusal: Refusal) => void,
  ) {
    this.clusters = new Clusters(limits.idsPerCluster);
    this.tickets = new Tickets(limits.ticketMs, (waiting) => {
      this.turnAway(waiting, new Refusal('target-silent', `${formatId(waiting.target.id)} did not dial back.`));
    });
  }

  /**
   * Takes over a connection whose prelude was good.
   *
   * @param secret the ticket or cookie, or ''
   * @throws Refusal what the caller is to be told; the connection is then still the giver's
   */
  admit(who: Authenticated, request: RelayRequest, secret: string, outer: OuterTls): void {
    const { caller } = who;
    const cluster = this.clusters.of(caller);
    try {
      if (cluster.revoked.has(caller.subject)) throw new Refusal('revoked', `${caller.subject} was revoked.`);
      switch (request.kind) {
        case 'control':
          this.register(who, cluster, request.id, secret, outer);
          break;
        case 'connect':
          this.connect(caller, cluster, request, outer);
          break;
        case 'accept':
          this.accept(caller, cluster, secret, outer);
          break;
      }
    } finally {
      this.clusters.forgetIfEmpty(cluster);
    }
  }

  /** Forgets everybody; the connections are their owner's to end. */
  dispose(): void {
    this.disposed = true;
    for (const target of [...this.clusters.targets()]) {
      target.control?.end('the relay ends');
      for (const waiting of target.waiting) this.settle(waiting);
      this.clusters.remove(target);
    }
  }

  private register(who: Authenticated, cluster: Cluster, wanted: Id, cookie: string, outer: OuterTls): void {
    mayListen(who.caller, wanted);
    const found = cluster.targets.get(formatId(wanted));
    if (found?.claimed && !sameSecret(cookie, cookieOf(who.clusterSecret, formatId(wanted)))) {
      throw new Refusal(
        'id-in-use',
        `${formatId(wanted)} is taken, and the cookie is ${cookie === '' ? 'absent' : 'wrong'}.`,
      );
    }
    const target = found ?? this.clusters.add(cluster, wanted);
    const before = target.control;
    const id = formatId(target.id);
    const names = { ...who.caller, id };
    const lineBytes = who.caller.role === 'keeper' ? this.limits.keeperLineBytes : this.limits.lineBytes;
    const control: Control = new Control(outer, this.limits, lineBytes, {
      onMessage: (message) => this.onMessage(who.caller, target, control, message),
      onClose: (why) => {
        this.log({ event: 'control-ended', ...names, why });
        if (target.control === control) this.lose(target);
      },
    });
    clearTimeout(target.grace);
    target.claimed = true;
    target.control = control;
    before?.end('another took its id over');
    this.log({ event: 'registered', ...names, again: found !== undefined });
    control.send({ op: 'registered', id, cookie: cookieOf(who.clusterSecret, id), pingMs: this.limits.pingMs });
    // Those who were announced to a connection that is lost, too: a ticket is good once, whoever hears of it twice.
    for (const waiting of target.waiting) this.announce(waiting);
  }

  private lose(target: Target): void {
    target.control = undefined;
    if (!this.disposed) target.grace = setTimeout(() => this.drop(target), this.limits.graceMs);
  }

  /** Ends an id. Its streams go on. */
  private drop(target: Target): void {
    const { control } = target;
    target.control = undefined;
    control?.end('its id ended');
    this.clusters.remove(target);
    for (const waiting of target.waiting) {
      this.turnAway(waiting, new Refusal('unknown-target', `${formatId(target.id)} is gone.`));
    }
  }

  private onMessage(caller: Caller, target: Target, control: Control, message: FromListener): void {
    switch (message.op) {
      case 'pong':
        break;
      case 'refuse': {
        const waiting = [...target.waiting].find(({ ticket }) => ticket === message.ticket);
        if (waiting !== undefined) this.turnAway(waiting, new Refusal('target-refused', 'The target refused.'));
        break;
      }
      case 'bye':
        if (target.control === control) this.drop(target);
        break;
      case 'revoke':
        this.revoke(caller, target.cluster, message.subjects);
        control.send({ op: 'revoked', count: target.cluster.revoked.size });
        break;
    }
  }

  /** @throws Refusal ends the control connection of who asks for what it may not */
  private revoke(caller: Caller, cluster: Cluster, subjects: readonly string[]): void {
    if (caller.role !== 'keeper') throw new Refusal('role-not-allowed', `A ${caller.role} revokes nobody.`);
    if (subjects.length > this.limits.revokedPerCluster) {
      throw new Refusal('limit', `More than ${this.limits.revokedPerCluster} subjects to revoke.`);
    }
    const revoked = new Set(subjects);
    cluster.revoked = revoked;
    this.log({ event: 'revoke', tenant: caller.tenant, cluster: caller.cluster, count: revoked.size });
    for (const target of [...cluster.targets.values()]) {
      if (revoked.has(target.id.host)) this.drop(target);
      for (const waiting of target.waiting) {
        if (revoked.has(waiting.caller.subject)) this.turnAway(waiting, new Refusal('revoked', 'It was just revoked.'));
      }
    }
    for (const stream of cluster.streams) {
      if (stream.subjects.some((subject) => revoked.has(subject))) stream.cut();
    }
  }

  private connect(
    caller: Caller,
    cluster: Cluster,
    request: RelayRequest & { readonly kind: 'connect' },
    outer: OuterTls,
  ): void {
    mayConnect(caller, request.from, request.to);
    const target = cluster.targets.get(formatId(request.to)) ?? this.expect(cluster, request);
    const { waitingPerTarget, streamsPerTarget, streams } = this.limits;
    if (target.waiting.size >= waitingPerTarget) throw new Refusal('limit', 'Too many wait for this target.');
    if (target.streams.size >= streamsPerTarget) throw new Refusal('limit', 'The target has too many streams.');
    if (this.busy >= streams) throw new Refusal('limit', 'The relay has too many streams.');
    const waiting: Waiting = {
      caller,
      from: formatId(request.from),
      outer,
      target,
      owner: ownerOf(cluster, target.id.host),
      watch: outer.watch(() => {
        this.settle(waiting);
        outer.destroy();
      }),
    };
    target.waiting.add(waiting);
    this.busy++;
    this.announce(waiting);
  }

  /** After a restart of the relay, listeners and callers come back in any order. */
  private expect(cluster: Cluster, request: { readonly to: Id; readonly again: boolean }): Target {
    const leftMs = this.limits.graceMs - (performance.now() - this.born);
    if (!request.again || leftMs <= 0) {
      throw new Refusal('unknown-target', `Nobody is registered as ${formatId(request.to)}.`);
    }
    const target = this.clusters.add(cluster, request.to);
    target.grace = setTimeout(() => this.drop(target), leftMs);
    return target;
  }

  /** Tells the target, if it is there, that somebody waits. */
  private announce(waiting: Waiting): void {
    const { control } = waiting.target;
    if (control === undefined) return;
    waiting.ticket ??= this.tickets.issue(waiting);
    control.send({ op: 'dial', ticket: waiting.ticket, from: waiting.from, role: waiting.caller.role });
  }

  private turnAway(waiting: Waiting, refusal: Refusal): void {
    if (this.settle(waiting)) this.refuse(waiting.outer, waiting.caller, refusal);
  }

  /** Ends the waiting. @returns false where it was over already */
  private settle(waiting: Waiting): boolean {
    if (!waiting.target.waiting.delete(waiting)) return false;
    this.busy--;
    waiting.watch.dispose();
    if (waiting.ticket !== undefined) this.tickets.takeBack(waiting.ticket);
    return true;
  }

  private accept(caller: Caller, cluster: Cluster, ticket: string, outer: OuterTls): void {
    const waiting = this.tickets.redeem(ticket, ownerOf(cluster, caller.subject));
    this.settle(waiting);
    const begun = performance.now();
    const stream: Stream = {
      target: waiting.target,
      subjects: [waiting.caller.subject, caller.subject],
      cut: () => {
        waiting.outer.destroy();
        outer.destroy();
      },
    };
    this.busy++;
    stream.target.streams.add(stream);
    cluster.streams.add(stream);
    const end = (bytes: number): void => {
      this.busy--;
      stream.target.streams.delete(stream);
      cluster.streams.delete(stream);
      this.clusters.forgetIfEmpty(cluster);
      const seconds = Math.round(performance.now() - begun) / 1000;
      const { tenant, cluster: name } = caller;
      this.log({
        event: 'stream-ended',
        tenant,
        cluster: name,
        from: waiting.from,
        to: formatId(waiting.target.id),
        bytes,
        seconds,
      });
    };
    const from = { 'Sitespan-From': waiting.from, 'Sitespan-Role': waiting.caller.role };
    Promise.all([waiting.outer.stepDown(upgradeAnswer()), outer.stepDown(upgradeAnswer(from))]).then(
      ([a, b]) => splice(a, b, ({ bytes }) => end(bytes)),
      () => {
        stream.cut();
        end(0);
      },
    );
  }
}

function ownerOf(cluster: Cluster, subject: string): string {
  return `${cluster.key}/${subject}`;
}
