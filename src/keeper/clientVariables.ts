import { schedulerAddress } from './api.js';

/**
 * What makes `Client()` in a kernel the cluster: it answers for our addresses only, so the user's own `LocalCluster` still
 * works (docs/architecture.md, "Kernels' host").
 *
 * @param identityFile a client's identity; only its path is in the environment
 */
export function clientVariables(identityFile: string): Readonly<Record<string, string>> {
  return {
    SITESPAN_IDENTITY: identityFile,
    DASK_SCHEDULER_ADDRESS: schedulerAddress,
    DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER: 'sitespan.client.security',
  };
}
