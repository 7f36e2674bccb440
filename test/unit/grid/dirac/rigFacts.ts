import type { RigFacts } from '../../../rigs/dirac/configuration.js';

/** Facts of a rig that is not started: for its configuration's text. */
export const rigFacts: RigFacts = {
  folder: '/rig',
  host: 'localhost',
  ports: { https: 2001, cs: 2002, database: 2003, matcher: 2004, pilots: 2005, mind: 2006 },
  password: 'secret',
  hostCertificate: '/rig/host.pem',
  hostKey: '/rig/host.key',
  gridSecurity: '/rig/grid-security',
  subjects: {
    ...{
      alice: '/C=UK/CN=alice',
      bob: '/C=UK/CN=bob',
      carol: '/C=UK/CN=carol',
      admin: '/C=UK/CN=admin',
      pilot: '/C=UK/CN=pilot',
    },
    ...{ host: '/C=UK/CN=localhost', ca: '/C=UK/CN=Test CA' },
  },
  sites: ['LCG.UKI-SOUTHGRID-BRIS-HEP.uk', 'LCG.UKI-SOUTHGRID-RALPP.uk', 'LCG.UKI-LT2-Brunel.uk'],
};
