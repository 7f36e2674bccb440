import type * as vscode from 'vscode';
import { z } from 'zod';

const key = 'sitespan.proxies';
const mostKept = 20;

/** How a proxy was made, so that it can be renewed alike: paths and names, never what opens a key. */
const proxyOrder = z.object({
  files: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('pair'), certificate: z.string(), key: z.string() }),
    z.object({ kind: z.literal('pkcs12'), path: z.string() }),
  ]),
  /** The added grid that it is for, where it is for one. */
  grid: z.string().optional(),
  /** DIRAC's group; its default for the person, where none is given. */
  group: z.string().optional(),
  hours: z.number(),
  /** Whether one for jobs is uploaded to the grid as well. */
  upload: z.boolean(),
});
export type ProxyOrderKept = z.infer<typeof proxyOrder>;

const stored = z.array(z.tuple([z.string(), proxyOrder])).catch([]);

/** By the path of the proxy; those made last come last. */
export class KeptOrders {
  constructor(private readonly state: Pick<vscode.Memento, 'get' | 'update'>) {}

  of(path: string): ProxyOrderKept | undefined {
    return this.all().find(([one]) => one === path)?.[1];
  }

  async keep(path: string, order: ProxyOrderKept): Promise<void> {
    const others = this.all().filter(([one]) => one !== path);
    await this.state.update(key, [...others, [path, order]].slice(-mostKept));
  }

  private all(): readonly [string, ProxyOrderKept][] {
    return stored.parse(this.state.get(key));
  }
}
