import type * as vscode from 'vscode';
import { z } from 'zod';
import { renamed } from './renamed.js';

const key = 'sitespan.notebookClusters';
const mostKept = 200;
const stored = z.array(z.tuple([z.string(), z.string()])).catch([]);

/** On which cluster each notebook of this workspace was last, so that the picker has that one first; nothing else hangs on it. */
export class LastChoices {
  /** By path; those chosen last come last. */
  private readonly clusters: Map<string, string>;

  constructor(private readonly state: Pick<vscode.Memento, 'get' | 'update'>) {
    this.clusters = new Map(stored.parse(state.get(key)));
  }

  of(path: string): string | undefined {
    return this.clusters.get(path);
  }

  async set(path: string, cluster: string): Promise<void> {
    if (this.of(path) === cluster) return;
    this.clusters.delete(path);
    this.clusters.set(path, cluster);
    await this.store();
  }

  /** A notebook, or a folder with notebooks, has another name. */
  async rename(from: string, to: string): Promise<void> {
    const moved = [...this.clusters].flatMap(([path, cluster]) => {
      const now = renamed(path, from, to);
      return now === undefined ? [] : [{ path, now, cluster }];
    });
    if (moved.length === 0) return;
    for (const { path, now, cluster } of moved) {
      this.clusters.delete(path);
      this.clusters.set(now, cluster);
    }
    await this.store();
  }

  private async store(): Promise<void> {
    await this.state.update(key, [...this.clusters].slice(-mostKept));
  }
}
