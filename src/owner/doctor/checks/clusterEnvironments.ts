import { SitespanError } from '../../../base/errors.js';
import { checkEnvironment } from '../../../environment/checkEnvironment.js';
import { formatEnvironment } from '../../../environment/parseEnvironment.js';
import { environmentOf } from '../../../keeper/clusterFolder.js';
import { type Check, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';

/** The environments that clusters were made with are still there and still fit. */
export const clusterEnvironments: Check = {
  id: 'cluster-environments',
  title: "clusters' environments are there and fit",
  find: ({ clusters, signal }) =>
    findEach(openOnes(clusters), async ({ name, settings, folder }) => {
      const spec = environmentOf(settings);
      try {
        await checkEnvironment(spec, folder.python, 'cluster', signal);
        return [];
      } catch (error) {
        signal?.throwIfAborted();
        if (!SitespanError.is(error)) throw error;
        const what = `New kernels and workers of the cluster ${name} cannot start: ${error.message}`;
        const fix = `Put the environment back as it was, or end the cluster ("sitespan down ${name}") and make it with another.`;
        return [{ severity: 'wrong', what, where: formatEnvironment(spec), fix }];
      }
    }),
};
