import { type GridDescription, gridDescription } from '../../../src/grid/dirac/gridDescription.js';

/** A grid as it is kept when it has been added. */
export function describedGrid(...sites: string[]): GridDescription {
  return gridDescription.parse({
    spec: {
      ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'Production', vo: 'vo', group: 'vo_user', sites },
      ...{ proxy: '/tmp/x509up', caDirectory: '/etc/grid-security/certificates' },
    },
  });
}
