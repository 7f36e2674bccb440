import { SitespanError } from '../base/errors.js';
import { commands } from '../ids.js';
import type { ClusterSnapshot, KernelSnapshot, LifeSnapshot } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import type { ClusterView } from './knownCluster.js';
import { calledFromToolbar } from './notebooks/calledOn.js';
import { askOne, askText, type Choice } from './questions.js';
import type { Window } from './window.js';

/** A cluster whose keeper answers, and how it was when it did. */
export interface ReachedCluster {
  readonly name: string;
  readonly client: KeeperClient;
  readonly snapshot: ClusterSnapshot;
}

export type PoolSnapshot = ClusterSnapshot['pools'][number];

/**
 * The only one that can be taken is taken without a question; undefined where a person leaves it.
 *
 * @throws SitespanError `nothing-to-choose` where there are none, or none that can be taken: then with the first one's reason
 */
export async function pick<Value>(
  title: string,
  placeholder: string,
  choices: readonly Choice<Value>[],
  none: string,
): Promise<Value | undefined> {
  const possible = choices.filter(({ disabled }) => disabled === undefined);
  if (possible.length === 0) throw new SitespanError('nothing-to-choose', choices[0]?.disabled ?? none);
  const [only] = possible;
  if (only !== undefined && choices.length === 1) return only.value;
  // What cannot be taken comes last, and is seen.
  const ordered = [...possible, ...choices.filter(({ disabled }) => disabled !== undefined)];
  const answer = await askOne({ title, placeholder }, ordered);
  return answer === 'back' ? undefined : answer?.value;
}

/**
 * The cluster a command is for: that of the row or notebook it was called on, the only one, or the one chosen.
 *
 * @throws SitespanError `no-cluster` where there is none, with the way to make one
 */
export async function pickCluster(window: Window, argument: unknown, title: string): Promise<string | undefined> {
  const named = clusterIn(argument);
  if (named !== undefined) return named;
  const notebook = calledFromToolbar(argument);
  const on = notebook && (await window.notebooks.load()).of(notebook);
  if (on !== undefined) return on.cluster;
  await window.fleet.look();
  const clusters = window.fleet.clusters.filter(({ link }) => link !== 'closed');
  if (clusters.length === 0) throw window.fleet.trouble ?? noCluster();
  return pick(title, 'Which cluster?', clusters.map(clusterChoice), 'There is no cluster on this computer.');
}

/**
 * The same, with its keeper, which is started where it is dead.
 *
 * @throws SitespanError `no-cluster`, `cluster-closing`; those of `Fleet.client`
 */
export async function reachCluster(
  window: Window,
  argument: unknown,
  title: string,
): Promise<ReachedCluster | undefined> {
  const name = await pickCluster(window, argument, title);
  if (name === undefined) return undefined;
  const client = await window.fleet.client(name);
  const { calls } = await import('../keeper/api.js');
  const snapshot = await client.call(calls.clusterState, {});
  if (snapshot.phase === 'closing' || snapshot.phase === 'failed') {
    const why = snapshot.phase === 'closing' ? 'is being closed' : 'has failed and is being cleared away';
    throw new SitespanError('cluster-closing', `The cluster ${name} ${why}; nothing can be changed of it any more.`);
  }
  return { name, client, snapshot };
}

/** @throws SitespanError `nothing-to-choose` */
export async function pickPool(
  { name, snapshot }: ReachedCluster,
  argument: unknown,
  title: string,
): Promise<PoolSnapshot | undefined> {
  const named = textIn(argument, 'pool');
  const pools = named === undefined ? snapshot.pools : snapshot.pools.filter((pool) => pool.name === named);
  const { countPool, sayWorkers } = await import('../owner/counted.js');
  const choices = pools.map((pool) => ({
    label: pool.name,
    description: sayWorkers(countPool(pool)),
    detail: pool.sites.join(', '),
    value: pool,
  }));
  const none =
    named === undefined ? `The cluster ${name} has no pool.` : `The cluster ${name} has no pool ${named} any more.`;
  return pick(title, 'Which pool?', choices, none);
}

export interface WorkerWish {
  readonly title: string;
  /** Why a worker cannot be taken; undefined where it can. */
  readonly refuse?: (life: LifeSnapshot) => string | undefined;
}

/** @throws SitespanError `nothing-to-choose` */
export async function pickWorker(
  { name, client }: ReachedCluster,
  argument: unknown,
  { title, refuse }: WorkerWish,
): Promise<LifeSnapshot | undefined> {
  const { calls } = await import('../keeper/api.js');
  const { phaseWords } = await import('../owner/lifeDocument.js');
  const named = textIn(argument, 'worker');
  const pool = textIn(argument, 'pool');
  const lives = await client.call(calls.listLives, pool === undefined ? {} : { pool });
  const wanted = named === undefined ? byInterest(lives) : lives.filter((life) => life.name === named);
  const choices = wanted.map((life) => ({
    label: life.name,
    description: `${life.site} · ${phaseWords[life.phase]}`,
    value: life,
    disabled: refuse?.(life),
  }));
  const none =
    named === undefined
      ? `The cluster ${name} has had no worker yet.`
      : `The cluster ${name} has no worker ${named} any more.`;
  return pick(title, 'Which worker?', choices, none);
}

/** @throws SitespanError `nothing-to-choose` */
export async function pickKernel(
  { name, snapshot }: ReachedCluster,
  argument: unknown,
  title: string,
): Promise<KernelSnapshot | undefined> {
  const named = textIn(argument, 'kernel');
  const kernels = named === undefined ? snapshot.kernels : snapshot.kernels.filter(({ id }) => id === named);
  const choices = kernels.map((kernel) => ({ label: kernel.id, description: kernel.phase, value: kernel }));
  return pick(title, 'Which kernel?', choices, `No kernel runs on the cluster ${name}.`);
}

export interface NumberQuestion {
  readonly title: string;
  readonly placeholder: string;
  readonly value: number;
  readonly minimum: number;
}

/** A whole number; undefined when it was left. */
export async function askNumber({ title, placeholder, value, minimum }: NumberQuestion): Promise<number | undefined> {
  const refuse = (text: string): string | undefined =>
    /^\d+$/.test(text) && Number(text) >= minimum ? undefined : `A whole number, ${minimum} or more.`;
  const answer = await askText({ title, placeholder, value: String(value), refuse });
  return answer === undefined || answer === 'back' ? undefined : Number(answer.value);
}

export function noCluster(): SitespanError {
  return new SitespanError('no-cluster', 'There is no cluster on this computer yet.', {
    remedy: { command: commands.newCluster, label: 'New Cluster' },
  });
}

function clusterIn(argument: unknown): string | undefined {
  return textIn(argument, 'cluster');
}

/** Of rows of the trees, and links that name what they are about; undefined where it has no such text. */
export function textIn(argument: unknown, key: string): string | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const value: unknown = Object.entries(argument).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function clusterChoice({ name, link, snapshot, trouble }: ClusterView): Choice<string> {
  const state = link === 'failed' ? 'its keeper does not answer' : (snapshot?.phase ?? 'connecting');
  return { label: name, description: state, detail: trouble?.message, value: name };
}

/** Those that are here or coming first, then the latest that have ended. */
function byInterest(lives: readonly LifeSnapshot[]): LifeSnapshot[] {
  const since = ({ steps }: LifeSnapshot): number => steps.at(-1)?.at ?? 0;
  return [...lives].sort(
    (a, b) =>
      Number(a.phase === 'ended') - Number(b.phase === 'ended') || since(b) - since(a) || a.name.localeCompare(b.name),
  );
}
