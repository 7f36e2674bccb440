import type { Remedy, SitespanError } from '../base/errors.js';
import type { ClusterSnapshot, GridSnapshot, KernelSnapshot, Problem, SiteSnapshot } from '../keeper/api.js';
import { countCluster } from '../owner/counted.js';
import type { ClusterView } from './knownCluster.js';
import { remedyOf, sentenceInWindow } from './remedies.js';
import { type Face, isShownIn, type State, type StateId, stateOf, stateOfCode } from './states.js';
import type { TreeNode } from './trees/nodes.js';

/** Something of a cluster or site that is not plain work, as every face says it. */
export interface Trouble {
  /** Absent for what no state is for; it is said all the same. */
  readonly state: StateId | undefined;
  readonly sentence: string;
  readonly action: Remedy | undefined;
  readonly tone: State['tone'];
}

/**
 * What one of a window's faces says of a cluster, the worst first.
 *
 * @param more what the window knows besides what the cluster tells
 */
export function troublesIn(face: Face, view: ClusterView, more: readonly Trouble[] = []): Trouble[] {
  return withMore(troublesOf(view), more).filter(({ state }) => isShownIn(face, state));
}

/** What is known besides, where it is not said already, the worst first. */
export function withMore(said: readonly Trouble[], more: readonly Trouble[]): Trouble[] {
  const news = more.filter(({ state }) => !said.some((one) => one.state === state));
  return [...said, ...news].sort((a, b) => weight(b) - weight(a));
}

/** What is to be said of a cluster, the worst first. */
export function troublesOf(view: ClusterView): Trouble[] {
  const { name, link, snapshot, trouble } = view;
  const about = aboutCluster(name);
  const own =
    trouble !== undefined
      ? [ofError(trouble, about)]
      : link === 'lost'
        ? [ofState('keeper-gone', about)]
        : link === 'closed'
          ? [ofState('closed', about)]
          : [];
  if (link === 'closed' || link === 'failed' || snapshot === undefined) return own;
  return [...own, ...ofSnapshot(snapshot, about)].sort((a, b) => weight(b) - weight(a));
}

/** What a grid's site is to be warned of. */
export function troublesOfSite(grid: string, { name, banned, gridWords, verdict }: SiteSnapshot): Trouble[] {
  const about = [{ kind: 'site', grid, site: name }];
  const said = gridWords === undefined ? undefined : `The grid sends no jobs to ${name} now (${gridWords}).`;
  return [
    ...(banned ? [ofState('site-banned', about, said)] : []),
    ...(verdict?.ok === false ? [ofState('site-unfit', about, verdict.sentence)] : []),
  ];
}

export function troubleOfGrid({ trouble }: Pick<GridSnapshot, 'trouble'>): Trouble[] {
  return trouble === undefined ? [] : [ofProblem(trouble, [])];
}

export function ofError(error: SitespanError, about: readonly unknown[]): Trouble {
  const id = stateOfCode(error.code);
  const action = remedyOf(error);
  return {
    state: id,
    sentence: sentenceInWindow(error.message),
    action: action && { ...action, arguments: action.arguments ?? about },
    tone: id === undefined ? 'error' : stateOf(id).tone,
  };
}

/** What a command is called with that is about a cluster: its row. */
export function aboutCluster(cluster: string): readonly TreeNode[] {
  return [{ kind: 'cluster', cluster }];
}

/** A kernel that has ended though nobody wished it. */
export function ofDeadKernel(cluster: string, { id, problem }: KernelSnapshot): Trouble {
  const about: TreeNode = { kind: 'kernel', cluster, kernel: id };
  return ofState('kernel-dead', [about], problem && sentenceInWindow(problem.message));
}

export function isDead({ phase, ended }: KernelSnapshot): boolean {
  return phase === 'dead' && ended === undefined;
}

export function ofState(id: StateId, about: readonly unknown[], sentence?: string): Trouble {
  const state = stateOf(id);
  const action = state.action && { ...state.action, arguments: about };
  return { state: id, sentence: sentence ?? state.sentence, action, tone: state.tone };
}

function ofSnapshot(snapshot: ClusterSnapshot, about: readonly unknown[]): Trouble[] {
  const { name, phase, problems, kernels } = snapshot;
  const said = problems.map((problem) => ofProblem(problem, about));
  if (phase === 'closing') return [ofState('closing', about), ...said];
  const { working, desired } = countCluster(snapshot);
  const dead = kernels.filter(isDead);
  return [
    ...said,
    ...dead.map((kernel) => ofDeadKernel(name, kernel)),
    ...(working < desired ? [ofState('pool-waiting', about)] : []),
  ];
}

function ofProblem({ code, message, remedy }: Problem, about: readonly unknown[]): Trouble {
  const id = stateOfCode(code);
  const action = remedy ?? (id === undefined ? undefined : stateOf(id).action);
  return {
    state: id,
    sentence: sentenceInWindow(message),
    action: action && { ...action, arguments: about },
    tone: id === undefined ? 'warning' : stateOf(id).tone,
  };
}

const weights: Readonly<Record<State['tone'], number>> = { plain: 0, waiting: 1, warning: 2, error: 3 };

export function weight({ tone }: Trouble): number {
  return weights[tone];
}
