import type { ClusterSnapshot } from '../../keeper/api.js';
import type { ClusterView } from '../fleet.js';

/** What the kernel picker says of a cluster. */
export interface PickerTexts {
  readonly description: string;
  readonly detail: string;
}

/** What sets these kernels apart from others in the picker. */
const goodFor = 'keeps running and keeps all output over a reload';

/** @param cluster undefined when it is not there any more */
export function pickerTexts(cluster: ClusterView | undefined): PickerTexts {
  if (cluster === undefined || cluster.link === 'closed') {
    return { description: 'closed', detail: 'This cluster has ended; run a cell to start it again.' };
  }
  const { snapshot, trouble } = cluster;
  if (cluster.link === 'failed') return { description: 'does not answer', detail: trouble?.message ?? goodFor };
  if (snapshot === undefined) return { description: 'connecting', detail: goodFor };
  const [problem] = snapshot.problems;
  if (snapshot.phase === 'failed' && problem !== undefined) return { description: 'failed', detail: problem.message };
  const { working, desired } = workersOf(snapshot);
  const sites = [...new Set(snapshot.pools.flatMap((pool) => pool.sites))].join(', ');
  const python = snapshot.environment?.python;
  return {
    description: [`${working}/${desired} workers`, sites].filter((part) => part !== '').join(' · '),
    detail: [python === undefined ? '' : `Python ${python}`, goodFor].filter((part) => part !== '').join(' · '),
  };
}

/** What a notebook says of the cluster that it runs on. */
export function connectedText(name: string, cluster: ClusterView | undefined): string {
  if (cluster === undefined || cluster.link === 'closed') return `${name} is closed: start it again`;
  const { snapshot } = cluster;
  if (cluster.link === 'failed') return `${name} does not answer`;
  if (snapshot === undefined) return `Connecting to ${name}`;
  if (snapshot.phase === 'failed') return `${name} has failed`;
  if (snapshot.phase === 'closing') return `${name} is being closed`;
  const { working } = workersOf(snapshot);
  const workers = working === 0 ? 'no worker yet' : working === 1 ? '1 worker' : `${working} workers`;
  return `Connected to ${name}, ${workers}`;
}

function workersOf(snapshot: ClusterSnapshot): { readonly working: number; readonly desired: number } {
  return {
    working: snapshot.pools.reduce((sum, { lives }) => sum + (lives.working ?? 0), 0),
    desired: snapshot.pools.reduce((sum, { desired }) => sum + desired, 0),
  };
}
