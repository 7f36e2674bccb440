/** What a small cluster's `cluster.json` says. */
export const writtenSettings = {
  version: 1,
  name: 'ttbar',
  id: 'ttbar-1a2b3c',
  tenant: 'me',
  python: '/usr/bin/python3',
  relay: { kind: 'own' },
  localSites: [{ name: 'north', slots: 2 }],
};
