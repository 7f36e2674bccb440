import type { OptionHelp } from '../commandHelp.js';

/** How a cluster that is made reaches its relay. */
export const relayOptions: readonly OptionHelp[] = [
  {
    flag: '--relay',
    value: 'HOST:PORT',
    help: "a relay that others run (one of the cluster's own, on this computer)",
    completes: 'nothing',
  },
  { flag: '--relay-key', value: 'FILE', help: 'the key you share with that relay, in a file of mode 0600' },
  { flag: '--relay-ca', value: 'FILE', help: "the certificate that it is known by (the system's trust)" },
  { flag: '--relay-name', value: 'NAME', help: 'the name in its certificate (HOST)', completes: 'nothing' },
  { flag: '--tenant', value: 'NAME', help: 'your name at that relay (me)', completes: 'nothing' },
];
