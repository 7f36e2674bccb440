import type { Remedy } from '../../base/errors.js';
import { commands } from '../../ids.js';
import type { KernelSnapshot } from '../../keeper/api.js';
import { countCluster, workersOfWished } from '../../owner/counted.js';
import type { ClusterView } from '../knownCluster.js';
import { stateOf } from '../states.js';
import { stateWords } from '../stateWords.js';
import { aboutCluster, isDead, ofDeadKernel, ofState, type Trouble, troublesIn } from '../troubles.js';

/** What the kernel picker says of a cluster. */
export interface PickerTexts {
  readonly description: string;
  readonly detail: string;
}

/** What stands under the cells of a notebook, and what a click there does. */
export interface ConnectedLine {
  readonly text: string;
  readonly tooltip: string;
  readonly action: Remedy;
}

/** What sets these kernels apart from others in the picker. */
const goodFor = 'keeps running and keeps all output over a reload';

/** @param cluster undefined when it is not there any more */
export function pickerTexts(cluster: ClusterView | undefined): PickerTexts {
  const [worst] = troublesOn('', cluster);
  const words = cluster === undefined ? 'ended' : stateWords(cluster);
  const snapshot = cluster?.link === 'closed' || cluster?.link === 'failed' ? undefined : cluster?.snapshot;
  const sites = [...new Set(snapshot?.pools.flatMap((pool) => pool.sites))].join(', ');
  const numbers = snapshot === undefined ? '' : `${workersOfWished(countCluster(snapshot))} workers`;
  const python = snapshot?.environment?.python;
  return {
    description: joined(numbers, sites, words),
    detail: worst?.sentence ?? joined(python === undefined ? '' : `Python ${python}`, goodFor),
  };
}

/**
 * What a notebook says of the cluster that it runs on.
 *
 * @param kernel the notebook's own, where it has or had one
 */
export function connectedLine(
  name: string,
  cluster: ClusterView | undefined,
  kernel?: KernelSnapshot | undefined,
): ConnectedLine {
  const throughput = { command: commands.showThroughput, label: 'Show Throughput', arguments: aboutCluster(name) };
  const [worst] = troublesOn(name, cluster, kernel);
  if (worst !== undefined) {
    const { state, sentence, action = throughput } = worst;
    // There is room for few words; what is known exactly is in the tooltip.
    const said = state === undefined ? sentence : stateOf(state).sentence;
    return { text: `${name}: ${said}`, tooltip: `${sentence} Choose it to: ${action.label}`, action };
  }
  return { text: connectedText(name, cluster), tooltip: throughput.label, action: throughput };
}

function connectedText(name: string, cluster: ClusterView | undefined): string {
  if (cluster?.snapshot === undefined) return `Connecting to ${name}`;
  const { working } = countCluster(cluster.snapshot);
  const workers = working === 0 ? 'no worker yet' : working === 1 ? '1 worker' : `${working} workers`;
  return `Connected to ${name}, ${workers}`;
}

/** Of the kernels only the notebook's own is of interest to it. */
function troublesOn(name: string, cluster: ClusterView | undefined, kernel?: KernelSnapshot): Trouble[] {
  if (cluster === undefined) return [ofState('closed', aboutCluster(name))];
  const all = troublesIn('notebook', cluster).filter(({ state }) => state !== 'kernel-dead');
  const isThere = cluster.link === 'connected';
  return kernel !== undefined && isThere && isDead(kernel) ? [ofDeadKernel(name, kernel), ...all] : all;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
