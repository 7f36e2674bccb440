import { z } from 'zod';
import { diracSpec, serviceAddress } from '../gridSpec.js';

/** A DIRAC as its user knows it: what clusters take of it, and what only those need who look at it. */
export const gridDescription = z.strictObject({
  spec: diracSpec,
  /** Its configuration server, where one answers. */
  configuration: serviceAddress.optional(),
  /** Where proxies are uploaded to, where that is not `url` + `/Framework/ProxyManager`. */
  proxyManager: serviceAddress.optional(),
});
export type GridDescription = z.infer<typeof gridDescription>;
