import { z } from 'zod';
import { compareEnvironments, type Difference, sayDifferences } from '../../environment/compare.js';
import { type EnvironmentDescription, environmentDescription } from '../../environment/description.js';
import { sameSecret } from '../../relay/authenticate.js';
import type { Identity } from '../../relay/identity.js';
import { type PoolSpec, schedulerAddress } from '../api.js';
import type { Fact } from '../fact.js';
import type { Identities } from '../identities.js';
import type { Ledger } from '../ledger.js';
import type { Life } from './life.js';
import { nodeFindings, sayNode, warnOfNode } from './node.js';

/** What a worker shows when it enrols: docs/architecture.md, "Enrolment". */
export const enrolRequest = z.object({
  token: z.string(),
  /** Which the job carries beside the token, and shows to nobody but us: the relay has seen the token. */
  secret: z.string().prefault(''),
  job: z.string(),
  host: z.string(),
  pid: z.int(),
  environment: environmentDescription,
  /** Workers of an earlier release do not look. */
  node: nodeFindings.prefault({}),
});
export type EnrolRequest = z.infer<typeof enrolRequest>;

export interface Admission {
  readonly identity: Identity;
  readonly scheduler: string;
  readonly name: string;
  readonly nthreads: number;
  readonly memoryBytes: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly deathTimeoutSeconds: number;
  readonly lifetimeSeconds: number;
}

export type EnrolAnswer =
  | { readonly status: 200; readonly body: Admission }
  | {
      readonly status: 403 | 409 | 503;
      readonly body: { readonly code: string; readonly message: string; readonly differences?: readonly Difference[] };
    };

/** A worker without a scheduler for this long ends: a grid slot that does nothing is taken from somebody. */
const deathTimeoutSeconds = 120;
/** Time for a worker to hand its data over before the grid ends it. */
const farewellSeconds = 300;
/** Credentials outlast the walltime a little, since a node's clock and the grid's count differ. */
const slackSeconds = 3600;

/**
 * Lets workers in, each once per grid job, with a key of its own.
 *
 * A token's uses are the grid job ids of its bulk: the same job starting again replaces its predecessor, any other id is
 * refused (docs/security.md, "Enrolment").
 */
export class Enrolment {
  private turn: Promise<unknown> = Promise.resolve();

  /** @param environment the cluster's own, undefined until the scheduler has told it */
  constructor(
    private readonly ledger: Ledger,
    private readonly record: (fact: Fact) => Promise<void>,
    private readonly identities: Identities,
    private readonly environment: () => EnvironmentDescription | undefined,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {}

  /**
   * @param shown the token by which the relay let this caller through: it must be the one in the request
   */
  enrol(shown: string, request: EnrolRequest): Promise<EnrolAnswer> {
    // One at a time: two starts of one job must not both believe to be the first.
    const answer = this.turn.then(() => this.decide(shown, request));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async decide(shown: string, request: EnrolRequest): Promise<EnrolAnswer> {
    const bulk = this.ledger.bulkOfToken(request.token);
    const pool = bulk && this.ledger.pool(bulk.pool);
    const isTheirs = sameSecret(request.secret, this.identities.joinSecret(request.token));
    if (bulk === undefined || pool === undefined || shown !== request.token || !isTheirs) {
      return refused('token-unknown', 'This cluster never issued that join token.');
    }
    if (this.ledger.isTokenRevoked(request.token)) {
      return refused('token-revoked', `The join token of ${bulk.mark} was revoked.`);
    }
    if (bulk.expires <= this.now()) {
      return refused(
        'token-expired',
        `The join token of ${bulk.mark} expired at ${new Date(bulk.expires * 1000).toISOString()}.`,
      );
    }
    const environment = this.environment();
    if (bulk.jobs === undefined || environment === undefined) {
      return {
        status: 503,
        body: { code: 'not-yet', message: 'The keeper is not ready for this job yet; ask again.' },
      };
    }
    const life = this.ledger.lifeOfJob(bulk, request.job);
    if (life === undefined) {
      const spent = bulk.lives.every((name) => this.ledger.life(name)?.hasReached('enrolled'));
      return spent
        ? refused(
            'token-spent',
            `All ${bulk.jobs.length} uses of the join token of ${bulk.mark} are taken by other jobs.`,
          )
        : refused('job-unknown', `Job ${request.job} is none of those that were submitted with this join token.`);
    }
    if (life.ended)
      return refused(
        'job-unknown',
        `The worker ${life.name} of job ${request.job} was ended; this start is not wanted.`,
      );
    return this.admit(life, pool.spec, environment, request);
  }

  private async admit(
    life: Life,
    pool: PoolSpec,
    cluster: EnvironmentDescription,
    request: EnrolRequest,
  ): Promise<EnrolAnswer> {
    const differences = compareEnvironments(cluster, request.environment);
    const at = this.now();
    if (differences.some((difference) => difference.fatal)) {
      const message = sayDifferences(`${life.name} at ${life.site}`, differences);
      // A life that works is not ended by what another shows with its token; that one just does not get in.
      if (!life.hasReached('enrolled')) {
        await this.record({ is: 'life', at, life: life.name, phase: 'ended', evidence: message });
      }
      return { status: 409, body: { code: 'environment-differs', message, differences } };
    }
    const subject = life.hasReached('enrolled') ? nextStart(life) : life.name;
    const { host, pid, node } = request;
    const found = sayNode(node);
    await this.record({
      is: 'enrolled',
      at,
      life: life.name,
      subject,
      evidence: `${host}, process ${pid}, Python ${request.environment.python}${found === '' ? '' : `; ${found}`}`,
      warnings: [
        ...differences.map(
          ({ what, cluster: here, worker }) => `${what} is ${worker} there and ${here} in the cluster.`,
        ),
        ...warnOfNode(node, pool, at),
      ],
    });
    // A site may end it sooner than was asked for.
    const seconds = Math.min(pool.walltimeSeconds, node.walltimeLeftSeconds ?? Number.POSITIVE_INFINITY);
    const expires = Math.floor(at) + pool.walltimeSeconds + slackSeconds;
    return {
      status: 200,
      body: {
        identity: this.identities.issue('worker', subject, expires),
        scheduler: schedulerAddress,
        name: subject,
        nthreads: pool.cores,
        memoryBytes: pool.memoryMb * 1_000_000,
        resources: pool.resources,
        deathTimeoutSeconds,
        lifetimeSeconds: Math.max(1, seconds - farewellSeconds, Math.floor(seconds * 0.9)),
      },
    };
  }
}

function nextStart(life: Life): string {
  const [, number = '1'] = /_(\d+)$/.exec(life.subject) ?? [];
  return `${life.name}_${Number(number) + 1}`;
}

function refused(code: string, message: string): EnrolAnswer {
  return { status: 403, body: { code, message } };
}
