import { SitespanError } from '../../base/errors.js';
import { commands } from '../../ids.js';
import { calledOn } from '../notebooks/calledOn.js';
import type { NotebookOnCluster } from '../notebooks/notebookOnCluster.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

/** A kernel of a cluster that a command is about. */
export interface ChosenKernel {
  readonly cluster: string;
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
}

/** @throws SitespanError `notebook-not-on-cluster` */
export async function chosenNotebook({ notebooks }: Window, argument: unknown): Promise<NotebookOnCluster> {
  const notebook = calledOn(argument);
  const on = notebook && (await notebooks.load()).of(notebook);
  if (on !== undefined) return on;
  throw new SitespanError(
    'notebook-not-on-cluster',
    'No notebook that runs on a cluster is in front in this window; open one and choose a cluster as its kernel.',
    { remedy: { command: commands.runNotebook, label: 'Run Notebook on Cluster' } },
  );
}

/**
 * The kernel of a row in the tree, else of the notebook.
 *
 * @throws SitespanError `notebook-not-on-cluster`, `kernel-unknown` where it has none yet
 */
export async function chosenKernel(window: Window, argument: unknown): Promise<ChosenKernel> {
  const row = nodeOf('kernel', argument);
  if (row !== undefined) {
    const { cluster, kernel: id } = row;
    return { cluster, id, name: `${id} of ${cluster}` };
  }
  const on = await chosenNotebook(window, argument);
  const { cluster, kernel, name } = on;
  if (kernel === undefined || kernel.phase === 'dead') {
    throw new SitespanError('kernel-unknown', `${name} has no kernel on ${cluster} now; running a cell starts one.`);
  }
  return { cluster, id: kernel.id, name: `of ${name}` };
}
