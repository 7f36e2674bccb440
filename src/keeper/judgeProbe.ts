import type { z } from 'zod';
import { compareEnvironments } from '../environment/compare.js';
import { type EnvironmentDescription, environmentDescription } from '../environment/description.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { nodeFindings, sayNode } from './worker/node.js';

/** What a probe found at a site, and what workers there would need. */
export interface Probed {
  readonly site: string;
  /** As the job wrote them, by name. */
  readonly facts: Readonly<Record<string, string>>;
  /** What it said last, where it did not come to its end. */
  readonly lastWords?: string | undefined;
  readonly environment: EnvironmentSpec;
  /** The cluster's own; undefined while its scheduler has not told. */
  readonly cluster: EnvironmentDescription | undefined;
  /** The relay's address, as it was tried. */
  readonly relay: string;
}

export interface Judgement {
  readonly ok: boolean;
  readonly sentence: string;
  /** Those that are worth a line each. */
  readonly facts: Record<string, string>;
}

/** Whether workers of ours can start there: a sentence with what is wrong and what mends it, or with what there is. */
export function judgeProbe(probed: Probed): Judgement {
  const { site, relay, cluster, lastWords } = probed;
  const { environment: described, node: found, ...plain } = probed.facts;
  const { host = 'a node' } = plain;
  const environment = parsed(environmentDescription, described);
  const node = parsed(nodeFindings, found);
  const facts = { ...plain, ...(environment === undefined ? {} : { python: environment.python }) };
  const refuse = (sentence: string): Judgement => ({ ok: false, sentence, facts });
  if (environment === undefined) {
    const why = (lastWords ?? 'the environment said nothing').replace('on this node', `on ${host}`).replace(/\.$/, '');
    const isBare = probed.environment.kind === 'container' && plain['containers'] === undefined;
    return refuse(`${site} cannot run workers: ${isBare ? 'no container runtime: ' : ''}${why}.`);
  }
  const differing = cluster === undefined ? [] : compareEnvironments(cluster, environment).filter(({ fatal }) => fatal);
  if (differing.length > 0) {
    const list = differing.map(({ what, cluster: here, worker }) => `${what} ${worker} against your kernel's ${here}`);
    return refuse(
      `${site} cannot run workers: ${list.join(', ')}; give pools there an environment with the same versions, or make the cluster with that one.`,
    );
  }
  if (plain['relay'] !== 'reached') {
    return refuse(
      `${site} cannot reach ${relay}: ${plain['relay'] ?? 'no answer'}; ask the site to allow outgoing TCP to it, or choose a relay that it can reach.`,
    );
  }
  const has = [`Python ${environment.python}`, node === undefined ? '' : sayNode(node)].filter((part) => part !== '');
  return {
    ok: true,
    sentence: `${site} can run workers: ${host} has ${has.join(', ')}, and reaches the relay.`,
    facts,
  };
}

function parsed<T extends z.ZodType>(schema: T, text: string | undefined): z.infer<T> | undefined {
  try {
    const result = schema.safeParse(JSON.parse(text ?? ''));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
