import { readJournal } from '../base/journal.js';
import type { ClusterFolder } from '../keeper/clusterFolder.js';
import { fact } from '../keeper/fact.js';
import { Ledger } from '../keeper/ledger.js';

/** What a cluster's journal says, also after it has ended: no keeper is asked. @throws SitespanError `journal-corrupt` */
export async function readLedger(folder: ClusterFolder): Promise<Ledger> {
  const ledger = new Ledger();
  for (const entry of await readJournal(folder.journal)) {
    // Facts of a newer version are its own keeper's.
    const known = fact.safeParse(entry).data;
    if (known !== undefined) ledger.apply(known);
  }
  return ledger;
}
