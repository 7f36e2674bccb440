import type { Log } from '../base/log.js';
import { cookieOf } from '../relay/credential.js';
import { RelayListener } from '../relay/listener.js';
import type { ClusterFolder, ClusterSettings } from './clusterFolder.js';
import type { Fact } from './fact.js';
import type { Identities } from './identities.js';
import { JupyterServer } from './jupyterServer.js';
import { KernelHosts } from './kernelHosts.js';
import type { Ledger } from './ledger.js';
import { SchedulerProcess } from './schedulerProcess.js';
import { Enrolment } from './worker/enrolment.js';
import { EnrolServer } from './worker/enrolServer.js';

/** The parts of a cluster that can be made once its relay is known. */
export interface ClusterParts {
  readonly identities: Identities;
  readonly listener: RelayListener;
  readonly enrolServer: EnrolServer;
  readonly scheduler: SchedulerProcess;
  readonly kernels: KernelHosts;
  readonly jupyter: JupyterServer;
}

/** What the parts know of their cluster. */
export interface PartSurroundings {
  readonly folder: ClusterFolder;
  readonly settings: ClusterSettings;
  readonly ledger: Ledger;
  readonly log: Log;
  record(fact: Fact): Promise<void>;
}

const keeperId = 'keeper:1';

/**
 * Makes the parts and joins them; only the listener begins at once: it dials the relay and lets workers in.
 *
 * @param secret the cluster's, hex
 */
export function assembleParts(identities: Identities, secret: string, around: PartSurroundings): ClusterParts {
  const { folder, settings, ledger, log, record } = around;
  const scheduler = new SchedulerProcess({
    folder: folder.scheduler,
    python: settings.python,
    environment: settings.environment,
    packageFolder: folder.python,
    identity: identities.issue('scheduler', 'scheduler'),
    onListenerError: (error) => log.error('the scheduler could not be understood', { error }),
  });
  const enrolment = new Enrolment(ledger, record, identities, () => scheduler.environment);
  const identity = identities.issue('keeper', 'keeper');
  const enrolServer = new EnrolServer(identity, enrolment, log.scoped('enrol'));
  const listener = new RelayListener(identity, keeperId, {
    // The predecessor's connection may still be held by the relay; the cookie is derived, so nothing had to be saved.
    cookie: cookieOf(secret, keeperId),
    onProblem: (error) => log.warning('trouble with the relay', { error }),
  });
  listener.onStream((socket, from, role) => enrolServer.serve(socket, from, role));
  const jupyter = new JupyterServer({
    folder: folder.jupyter,
    cluster: settings.name,
    python: settings.python,
    environment: settings.environment,
    packageFolder: folder.python,
    identity: identities.issue('client', 'jupyter'),
    wanted: ledger.jupyter,
    want: () => record({ is: 'jupyter', at: Date.now() / 1000 }),
    onProblem: (error) => log.warning('the Jupyter server is started again', { error }),
  });
  const kernels = new KernelHosts(folder, identities, record, settings.limits.kernelIdleMinutes);
  return { identities, listener, enrolServer, scheduler, kernels, jupyter };
}
