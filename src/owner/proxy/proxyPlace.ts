import { readGrid } from '../grids.js';
import type { ProxyServer } from './uploadProxy.js';

/** A DIRAC as a person names it, with what its grid says of proxies. */
export interface ProxyPlace {
  readonly server: ProxyServer;
  /** Of a grid that was added: its group, and the file in which its clusters look for a proxy. */
  readonly group?: string;
  readonly path?: string;
}

/**
 * The DIRAC that a person means: a grid that was added, by its name, or an address of services.
 *
 * @param authorities where authorities lie; the grid's own, unless told otherwise
 * @throws SitespanError `grid-unknown`, and as `readGrids`
 */
export async function proxyPlace(said: string, authorities?: string): Promise<ProxyPlace> {
  if (said.includes('://')) return { server: { address: said, authorities } };
  const { spec, proxyManager, configuration } = await readGrid(said);
  const server = {
    ...{ address: proxyManager ?? spec.url, authorities: authorities ?? spec.caDirectory },
    ...(configuration === undefined ? {} : { configuration }),
  };
  return { server, group: spec.group, path: spec.proxy };
}
