import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { createCluster, type NewCluster } from '../../../src/keeper/clusters.js';
import { describedStandIn } from './describedStandIn.js';

/** Made in `folder`: a bundle whose program is `program`, JavaScript that stands for ours. @returns the bundle's folder */
export async function bundleIn(folder: string, program = ''): Promise<string> {
  const bundle = join(folder, 'bundle');
  await mkdir(join(bundle, 'python', 'sitespan'), { recursive: true });
  await writeFile(join(bundle, 'cli.mjs'), program);
  await writeFile(join(bundle, 'sitespan-1-py3-none-any.whl'), 'wheel');
  await writeFile(join(bundle, 'python', 'sitespan', '__init__.py'), '');
  return bundle;
}

/** A cluster `test` with the sites `north` and `south`; nothing of it runs. */
export async function clusterIn(
  folder: string,
  wish: Partial<NewCluster> = {},
  program?: string,
): Promise<ClusterFolder> {
  return createCluster({
    name: 'test',
    python: await describedStandIn(join(folder, 'python')),
    bundle: await bundleIn(folder, program),
    localSites: ['north', 'south'].map((name) => ({ name, slots: 2, enter: [] })),
    ...wish,
  });
}
