import { watchPath } from '../../base/watchPath.js';
import type { ProxySource } from './proxyWatch.js';

/** The files of this computer; what reads them is loaded when there is one to read. */
export function proxiesHere(onError: (error: unknown) => void): ProxySource {
  return {
    gridsOf: async (folder) => (await import('../../owner/gridsOfCluster.js')).gridsOfCluster(folder),
    read: async (path) => {
      const { proxyFacts, readProxyFile } = await import('../../credentials/proxyFile.js');
      return proxyFacts(path, (await readProxyFile(path)).chain);
    },
    watch: (path, onChange) => watchPath(path, onChange, onError),
    now: () => Date.now(),
  };
}
