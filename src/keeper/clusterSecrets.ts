import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../base/systemError.js';
import type { ClusterFolder } from './clusterFolder.js';

/** Every place where a secret of a cluster may lie (docs/security.md), whether there is one or not. */
export async function secretPlaces(folder: ClusterFolder): Promise<string[]> {
  const jobs = join(folder.local, 'jobs');
  const kernels = (await unlessAbsent(readdir(folder.kernels))) ?? [];
  const started = (await unlessAbsent(readdir(jobs))) ?? [];
  const payloads = (await unlessAbsent(readdir(folder.payload))) ?? [];
  return [
    folder.caKey,
    folder.userKey,
    ...payloads.map((mark) => join(folder.payload, mark, 'join.json')),
    join(folder.relay, 'tenants.json'),
    join(folder.relay, 'key.pem'),
    join(folder.scheduler, 'identity.json'),
    join(folder.scheduler, 'token'),
    join(folder.jupyter, 'identity.json'),
    join(folder.jupyter, 'token'),
    ...kernels.map((id) => join(folder.kernel(id), 'identity.json')),
    ...started.map((id) => join(jobs, id, 'work', 'join.json')),
  ];
}

/** Takes what is secret out of a cluster that has ended; its logs stay. */
export async function forgetSecrets(folder: ClusterFolder): Promise<void> {
  for (const path of [folder.payload, ...(await secretPlaces(folder))])
    await rm(path, { recursive: true, force: true });
}
