import type { CommandHelp } from '../commandHelp.js';

export const relayHelp: CommandHelp = {
  summary: 'a relay for many clusters: run one, deploy it, check it, say who may use it',
  usage:
    '--tenants FILE --cert FILE --key FILE [--listen HOST:PORT] | deploy HOST [--over-ssh] | user add|list|remove [NAME] | check HOST:PORT',
  details: `Without a word it is the relay: it runs until SIGTERM or Ctrl-C, says on stdout where it listens, and on stderr what
happens, one JSON object a line. A cluster on this computer only needs none: it starts its own.
"deploy" makes all that a relay on HOST needs (keys, certificate, systemd unit, a page that says what to do) in
$XDG_CONFIG_HOME/sitespan/relays/ and prints the page; nothing is done on HOST. With --over-ssh it does it, as the ordinary user
that ssh logs in as, and looks at the relay from outside; again, it brings what has changed and keeps every key. ssh is the
system's, with its configuration and agents, and asks nothing (BatchMode): "ssh HOST true" must work by itself.
"user" changes who may use a relay, in its tenants file (--tenants) or over ssh (--host); one that runs takes it up. A key is shown
once, or written with --out. What a removed user has open goes on until it dials again or the relay is restarted.
"check" looks from outside, as workers do: reachable, TLS, certificate, clock, and, with --relay-key, whether it knows you.
More: docs/relay.md, docs/topologies.md; for a firewall's administrator: docs/firewall.md.`,
  words: [['deploy', 'user', 'check'], 'nothing'],
  options: [
    { flag: '--tenants', value: 'FILE', help: 'whom it knows: {"tenants": {"NAME": "64 hex digits"}}, mode 0600' },
    {
      flag: '--cert',
      value: 'FILE',
      help: 'its certificate and chain, PEM; of deploy: a public one (one of your own)',
    },
    { flag: '--key', value: 'FILE', help: "the certificate's key, PEM, mode 0600" },
    { flag: '--listen', value: 'HOST:PORT', help: 'where it listens (127.0.0.1:8790)', completes: 'nothing' },
    { flag: '--over-ssh', help: 'deploy: do it' },
    { flag: '--address', value: 'NAME', help: 'deploy: by which others reach it (HOST)', completes: 'nothing' },
    { flag: '--port', value: 'PORT', help: 'deploy: where it listens (8443, or as before)', completes: 'nothing' },
    { flag: '--user', value: 'NAME', help: 'deploy: your own name at it (me)', completes: 'nothing' },
    {
      flag: '--renew',
      help: 'deploy: a new certificate of your own, though the old one is good or one that others gave',
    },
    {
      flag: '--replace',
      help: 'deploy: also replace a certificate of another authority; all who pin that one need the new one',
    },
    {
      flag: '--host',
      value: 'HOST',
      help: 'user: on the host of a relay that was deployed, over ssh',
      completes: 'nothing',
    },
    { flag: '--ssh-config', value: 'FILE', help: 'deploy, user: for ssh (~/.ssh/config)' },
    { flag: '--out', value: 'FILE', help: 'user add: write the key there, mode 0600, and do not show it' },
    { flag: '--relay-key', value: 'FILE', help: 'check: the key you share with it, mode 0600' },
    { flag: '--relay-ca', value: 'FILE', help: "check: the authority that it is known by (the system's trust)" },
    { flag: '--relay-name', value: 'NAME', help: 'check: the name in its certificate (HOST)', completes: 'nothing' },
    { flag: '--tenant', value: 'NAME', help: 'check: your name at it (me)', completes: 'nothing' },
    { flag: '--json', help: 'user, check: the answer, as JSON' },
  ],
  examples: [
    {
      line: 'sitespan relay deploy relay.example.org',
      does: 'makes keys and certificate here, and says what to do there',
    },
    { line: 'sitespan relay deploy me@relay.example.org --over-ssh', does: 'does it' },
    {
      line: 'sitespan relay user add alice --host relay.example.org --out alice.user-key',
      does: 'a key for a colleague',
    },
    {
      line: 'sitespan relay check relay.example.org:8443 --relay-ca authority.pem --relay-key me.user-key',
      does: 'looks from outside',
    },
    {
      line: 'sitespan relay --tenants tenants.json --cert relay.pem --key relay.key --listen 0.0.0.0:443',
      does: 'runs it here, for all who are in tenants.json',
    },
  ],
  exits: { 0: 'done; of the relay itself: told to end', 1: 'failed; of "check": something is wrong' },
};
