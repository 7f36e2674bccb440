import { join } from 'node:path';
import { readJournal } from '../base/journal.js';
import type { ClusterFolder } from '../keeper/clusterFolder.js';
import { fact } from '../keeper/fact.js';

/** Why a cluster has ended or is ending, as its journal has it: a whole sentence. */
export async function endedBecause(folder: ClusterFolder): Promise<string> {
  for (const entry of await readJournal(folder.journal)) {
    const known = fact.safeParse(entry).data;
    if (known?.is === 'closing') return known.why.endsWith('.') ? known.why : `${known.why}.`;
  }
  return `its journal does not say why; its log is ${join(folder.keeper, 'log')}.`;
}
