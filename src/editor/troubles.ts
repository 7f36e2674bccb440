import type { Remedy, SitespanError } from '../base/errors.js';
import type { ClusterSnapshot, GridSnapshot, Problem, SiteSnapshot } from '../keeper/api.js';
import { countCluster } from '../owner/counted.js';
import type { ClusterView } from './fleet.js';
import { remedyOf } from './remedies.js';
import { type State, type StateId, stateOf, stateOfCode } from './states.js';

/** Something of a cluster or site that is not plain work, as every face says it. */
export interface Trouble {
  /** Absent for what no state is for; it is said all the same. */
  readonly state: StateId | undefined;
  readonly sentence: string;
  readonly action: Remedy | undefined;
  readonly tone: State['tone'];
}

/** What is to be said of a cluster, the worst first. */
export function troublesOf(view: ClusterView): Trouble[] {
  const { name, link, snapshot, trouble } = view;
  const about = [{ cluster: name }];
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
  const about = [{ grid, site: name }];
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
    sentence: error.message,
    action: action && { ...action, arguments: action.arguments ?? about },
    tone: id === undefined ? 'error' : stateOf(id).tone,
  };
}

export function ofState(id: StateId, about: readonly unknown[], sentence?: string): Trouble {
  const state = stateOf(id);
  const action = state.action && { ...state.action, arguments: about };
  return { state: id, sentence: sentence ?? state.sentence, action, tone: state.tone };
}

function ofSnapshot(snapshot: ClusterSnapshot, about: readonly unknown[]): Trouble[] {
  const { phase, problems, kernels } = snapshot;
  const said = problems.map((problem) => ofProblem(problem, about));
  if (phase === 'closing') return [ofState('closing', about), ...said];
  const { working, desired } = countCluster(snapshot);
  const dead = kernels.filter((kernel) => kernel.phase === 'dead' && kernel.ended === undefined);
  return [
    ...said,
    ...dead.map(({ id, problem }) => ofState('kernel-dead', [{ ...Object(about[0]), kernel: id }], problem?.message)),
    ...(working < desired ? [ofState('pool-waiting', about)] : []),
  ];
}

function ofProblem({ code, message, remedy }: Problem, about: readonly unknown[]): Trouble {
  const id = stateOfCode(code);
  const action = remedy ?? (id === undefined ? undefined : stateOf(id).action);
  return {
    state: id,
    sentence: message,
    action: action && { ...action, arguments: about },
    tone: id === undefined ? 'warning' : stateOf(id).tone,
  };
}

const weights: Readonly<Record<State['tone'], number>> = { plain: 0, waiting: 1, warning: 2, error: 3 };

export function weight({ tone }: Trouble): number {
  return weights[tone];
}
