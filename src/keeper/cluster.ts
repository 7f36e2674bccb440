import { readFile } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import { Journal } from '../base/journal.js';
import type { Log } from '../base/log.js';
import { sleep, until } from '../base/waiting.js';
import { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { clusterSecret } from '../relay/credential.js';
import type { ClusterSnapshot, Problem } from './api.js';
import { endCluster } from './clusterEnd.js';
import type { ClusterFolder, ClusterSettings } from './clusterFolder.js';
import { ClusterGrids } from './clusterGrids.js';
import { assembleParts, type ClusterParts } from './clusterParts.js';
import { ClusterRelay } from './clusterRelay.js';
import { forgetSecrets } from './clusterSecrets.js';
import { CurveFile } from './curveFile.js';
import { type Fact, fact } from './fact.js';
import { sayStopped } from './failingStarts.js';
import { GridRounds } from './gridRounds.js';
import { Hindrances, problemOf } from './hindrances.js';
import { Identities } from './identities.js';
import { keepFinishedRun, type RunOfCluster } from './keepRun.js';
import { Ledger } from './ledger.js';
import { markPrefixOf } from './markPrefix.js';
import type { PoolKeeper } from './poolKeeper.js';
import { poolsAround } from './poolsAround.js';
import type { SiteList } from './siteList.js';
import type { SiteProbes } from './siteProbes.js';
import { sitesAround } from './sitesAround.js';
import { type Activity, Sizing } from './sizing.js';
import { snapshotOf } from './snapshot.js';
import { Throughput } from './throughput.js';

const tickMs = 400;

/**
 * One cluster, kept: its relay, scheduler, pools and kernels, brought to what the journal says and held there until it is closed.
 *
 * All it knows is in the ledger; whatever runs goes on without it (docs/architecture.md, "Cluster folder").
 */
export class Cluster {
  readonly ledger = new Ledger();
  readonly throughput: Throughput;
  private readonly curve: CurveFile;
  readonly pools: PoolKeeper;
  private readonly rounds: GridRounds;
  readonly sites: SiteList;
  readonly probes: SiteProbes;
  private readonly sizing: Sizing;
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly ended = new AbortController();
  private parts: ClusterParts | undefined;
  private readonly relay: ClusterRelay;
  private readonly hindrances = new Hindrances();
  private revokedSaid = 0;

  private constructor(
    readonly folder: ClusterFolder,
    readonly settings: ClusterSettings,
    private readonly journal: Journal,
    private readonly log: Log,
  ) {
    this.relay = new ClusterRelay(folder, settings);
    this.changed = new Emitter((error) => log.error('a listener failed', { error }));
    this.onDidChange = this.changed.event;
    this.curve = new CurveFile(folder.curve, (error) => log.warning('a point of the curve is not kept', { error }));
    this.throughput = new Throughput((worker) => this.lifeOf(worker)?.site ?? '?');
    for (const entry of journal.entries) this.ledger.apply(fact.parse(entry));
    this.sizing = new Sizing({
      ...{ cluster: settings.name, ledger: this.ledger, pace: settings.adapting },
      ...{ idleMinutes: settings.limits.idleMinutes, startedAt: now() },
      record: (one) => this.record(one),
    });
    const grids = new ClusterGrids(settings, folder);
    const markPrefix = markPrefixOf(settings);
    const { sites, probes } = sitesAround({
      ...{ folder, settings, ledger: this.ledger, grids, markPrefix, log: log.scoped('sites') },
      relayAddress: () => this.relay.text,
      environment: () => this.parts?.scheduler.environment,
      record: (one) => this.record(one),
    });
    this.sites = sites;
    this.probes = probes;
    this.pools = poolsAround({
      ...{ folder, ledger: this.ledger, grids, markPrefix, log: log.scoped('pools') },
      record: (one) => this.record(one),
      limits: settings.limits,
      parts: () => this.parts,
      ready: () => this.ready(),
    });
    this.rounds = new GridRounds((grid, signal) => this.pools.round(grid, signal));
  }

  /** @throws SitespanError `cluster-unknown`, `cluster-damaged`, `already-held`, `journal-corrupt` */
  static async open(folder: ClusterFolder, log: Log): Promise<Cluster> {
    const settings = await folder.readSettings();
    const journal = await Journal.open(folder.journal);
    const cluster = new Cluster(folder, settings, journal, log);
    cluster.throughput.resume(await cluster.curve.load(), cluster.curve);
    return cluster;
  }

  get snapshot(): ClusterSnapshot {
    return snapshotOf({
      ...{ settings: this.settings, phase: this.phase, problems: this.problems },
      relay: { address: this.relay.text, restarts: this.relay.restarts },
      httpPort: this.parts?.scheduler.httpPort ?? null,
      ledger: this.ledger,
      scheduler: this.parts?.scheduler.state,
      environment: this.parts?.scheduler.environment,
      throughput: this.throughput,
      kernels: this.parts?.kernels.snapshots ?? [],
      jupyterPort: this.parts?.jupyter.port,
    });
  }

  /** What was done so far, as pages show it. */
  get runSoFar(): RunOfCluster {
    const { folder, settings, ledger, throughput, parts } = this;
    const { state: scheduler, environment } = parts?.scheduler ?? {};
    return { folder, settings, ledger, throughput, scheduler, environment, cells: parts?.kernels.cells ?? [] };
  }

  /** Waits for the part that is asked for while the cluster starts. @throws SitespanError `cluster-closing`, `deadline` */
  async ready(): Promise<ClusterParts> {
    if (this.ledger.closing !== undefined) {
      throw new SitespanError(
        'cluster-closing',
        `The cluster ${this.settings.name} is being closed: ${this.ledger.closing.why}.`,
      );
    }
    await until(() => this.parts !== undefined, {
      timeoutMs: 30_000,
      what: `The relay of ${this.settings.name}`,
      signal: this.ended.signal,
    });
    if (this.parts === undefined)
      throw new SitespanError('cluster-closing', `The cluster ${this.settings.name} is being closed.`);
    return this.parts;
  }

  /** Writes a fact down, then holds it for true. */
  async record(one: Fact): Promise<void> {
    // What ends the cluster must not wait for room on the disk: it frees more than it takes.
    if (one.is === 'closing' || one.is === 'closed') await this.journal.appendAtAllCosts(one);
    else await this.journal.append(one);
    this.ledger.apply(one);
    this.sayRevoked();
    this.changed.fire();
  }

  /** Ends the cluster: what it was asked for, or what has failed. `run` returns when all is ended. */
  async close(code: string, why: string): Promise<void> {
    if (this.ledger.closing === undefined) await this.record({ is: 'closing', at: now(), code, why });
    this.ended.abort(new SitespanError('cluster-closing', why));
  }

  /** Keeps the cluster until it is closed, then ends all of it. */
  async run(): Promise<void> {
    if (this.ledger.closing !== undefined) this.ended.abort();
    const starting = this.start().catch((error: unknown) => this.fail(error));
    this.probes
      .endLeft()
      .catch((error: unknown) => this.log.warning('a probe of an earlier keeper is left', { error }));
    while (!this.ended.signal.aborted) {
      await this.tick().then(
        () => this.sayTrouble(undefined),
        (error: unknown) => this.sayTrouble(error),
      );
      for (const [grid, error] of this.rounds.troubles) this.sayTrouble(error, grid);
      await sleep(tickMs, this.ended.signal).catch(() => undefined);
    }
    await starting;
    await this.rounds.end();
    await keepFinishedRun(this.runSoFar).catch((error: unknown) => this.log.warning('the run is not kept', { error }));
    const { parts, pools, probes, ledger, log } = this;
    await endCluster({ folder: this.folder, parts, pools, probes, ledger, log, record: (one) => this.record(one) });
    // Before the last word: a keeper that is killed in between is started again, after it nobody need.
    await forgetSecrets(this.folder);
    await this.record({ is: 'closed', at: now() });
    await this.curve.close();
    await this.journal.close();
  }

  private get phase(): ClusterSnapshot['phase'] {
    const { closing } = this.ledger;
    if (closing !== undefined) return closing.code === 'asked' ? 'closing' : 'failed';
    return this.parts?.scheduler.state === undefined ? 'starting' : 'working';
  }

  private get problems(): Problem[] {
    const { closing } = this.ledger;
    const stopped = this.ledger.pools
      .flatMap((pool) => sayStopped(this.settings.name, pool))
      .map((message) => ({ code: 'pool-stopped', message }));
    const waits = this.pools.unmatched.map((message) => ({ code: 'grid-unmatched', message }));
    const problems = [...this.hindrances.problems, ...stopped, ...waits, ...this.sizing.notices];
    return closing === undefined || closing.code === 'asked'
      ? problems
      : [{ code: closing.code, message: closing.why }, ...problems];
  }

  private get activity(): Activity {
    const state = this.parts?.scheduler.state;
    return {
      tasks: state?.tasks ?? { waiting: 0, processing: 0, memory: 0, erred: 0 },
      kernels: this.parts?.kernels.snapshots ?? [],
      target: state?.adaptiveTarget,
    };
  }

  private lifeOf(worker: string) {
    return this.ledger.life(worker) ?? this.ledger.life(worker.replace(/_\d+$/, ''));
  }

  private async start(): Promise<void> {
    if (this.ended.signal.aborted) return;
    const { folder, settings } = this;
    const authority = ClusterAuthority.load({
      cert: await readFile(folder.caCertificate, 'utf8'),
      key: await readFile(folder.caKey, 'utf8'),
    });
    const userKey = await readFile(folder.userKey, 'utf8');
    const known = this.ledger.relay?.port;
    const address = await this.relay.start(authority, userKey, known);
    const isNew = settings.relay.kind === 'own' && known !== address.port;
    if (isNew) await this.record({ is: 'relay', at: now(), host: address.host, port: address.port });
    const identities = new Identities(authority, address, settings.tenant, settings.id, userKey);
    const { ledger, log } = this;
    const around = { folder, settings, ledger, log, record: (one: Fact) => this.record(one) };
    const parts = assembleParts(identities, clusterSecret(userKey, settings.id), around);
    parts.scheduler.onDidChangeState(() => this.takeSchedulerState());
    // Before anybody can start another: it must not get the name of one there is.
    await parts.kernels.adopt(this.ledger.kernels, this.ledger.kernelEnds);
    this.parts = parts;
    parts.listener.revoke(this.ledger.revoked);
    await parts.scheduler.start(this.ended.signal);
    this.log.info('the scheduler has started', { port: parts.scheduler.httpPort });
    this.changed.fire();
  }

  private takeSchedulerState(): void {
    const state = this.parts?.scheduler.state;
    if (state === undefined) return;
    this.throughput.take(state);
    for (const { name, address } of state.workers) {
      const life = this.lifeOf(name);
      if (life === undefined || life.subject !== name || !life.canReach('working')) continue;
      this.record({
        is: 'life',
        at: now(),
        life: life.name,
        phase: 'working',
        evidence: `registered as ${address}`,
      }).catch((error: unknown) => this.log.error('a life could not be written down', { error }));
    }
    this.changed.fire();
  }

  private async tick(): Promise<void> {
    const { parts } = this;
    if (parts === undefined) return;
    if (await this.relay.mend()) this.log.warning('the relay had ended and was started again');
    if (this.hindrances.lookAtRelay(parts.listener.state, now())) this.changed.fire();
    const ended = await parts.scheduler.endedBecause();
    if (ended !== undefined) {
      await this.close('scheduler-ended', ended);
      return;
    }
    // What fails here must not keep the pools from what they were asked for already.
    const sized = this.sizing.look(this.activity, now());
    await sized.catch(() => undefined);
    await this.rounds.turn(this.pools.grids);
    if (await parts.kernels.look(now())) this.changed.fire();
    if (await parts.jupyter.look()) this.changed.fire();
    await sized;
  }

  private sayTrouble(raw: unknown, grid?: string): void {
    const error = this.ended.signal.aborted ? undefined : raw;
    if (!this.hindrances.take(error, grid)) return;
    if (error !== undefined) this.log.error('the cluster is hindered', { error, grid });
    this.changed.fire();
  }

  private async fail(error: unknown): Promise<void> {
    if (this.ended.signal.aborted) return;
    this.log.error('the cluster could not start', { error });
    const { code, message } = problemOf(error);
    await this.close(code, message);
  }

  /** Tells the relay whom it must refuse, whenever that has become more. */
  private sayRevoked(): void {
    const { revoked } = this.ledger;
    if (revoked.length === this.revokedSaid) return;
    this.revokedSaid = revoked.length;
    this.parts?.listener.revoke(revoked);
  }
}

function now(): number {
  return Date.now() / 1000;
}
