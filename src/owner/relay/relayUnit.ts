import { SitespanError } from '../../base/errors.js';

/** Where a relay's files lie on its host, from its user's home on. */
export const relayFiles = {
  program: '.local/share/sitespan-relay/sitespan.mjs',
  certificate: '.local/share/sitespan-relay/relay.pem',
  key: '.local/share/sitespan-relay/relay.key',
  tenants: '.local/share/sitespan-relay/tenants.json',
  /** What the relay was last started with, so that a deployment that was cut short is made up for. */
  started: '.local/share/sitespan-relay/started',
  unit: '.config/systemd/user/sitespan-relay.service',
} as const;

export const relayUnitName = 'sitespan-relay.service';

/**
 * A systemd unit of an ordinary user that keeps a relay running. No secret is in its line: keys are in files.
 *
 * Its hardening is what works for every user: what hides parts of the file system (ProtectSystem=, PrivateTmp=) needs user
 * namespaces, which some hosts forbid, and the unit would not start there. MemoryDenyWriteExecute= would forbid V8 to work.
 *
 * @param node path of Node on that host
 * @throws SitespanError `relay-node` for a path that cannot stand in a unit
 */
export function relayUnit(node: string, port: number): string {
  if (!/^\/[A-Za-z0-9._/+@-]+$/.test(node)) {
    throw new SitespanError(
      'relay-node',
      `A systemd unit cannot start ${JSON.stringify(node)}; link Node to a plain path.`,
    );
  }
  const home = (path: string): string => `%h/${path}`;
  const command = [
    ...[node, home(relayFiles.program), 'relay'],
    ...['--tenants', home(relayFiles.tenants), '--cert', home(relayFiles.certificate), '--key', home(relayFiles.key)],
    ...['--listen', `0.0.0.0:${port}`],
  ].join(' ');
  return `[Unit]
Description=Sitespan relay
StartLimitIntervalSec=0

[Service]
ExecStart=${command}
Restart=always
RestartSec=2
UMask=0077
LimitNOFILE=131072
NoNewPrivileges=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}
