import { readFile } from 'node:fs/promises';
import { SitespanError } from '../../base/errors.js';
import { sleep } from '../../base/waiting.js';
import type { Deployment } from './deployment.js';
import { isActive } from './deployOverSsh.js';
import { examineRelay } from './examineRelay.js';
import type { RelayFinding } from './judgeCertificate.js';
import type { Remote } from './ssh.js';

export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** 20 s unless told otherwise; a relay listens within a second or two of its start. */
  readonly patienceMs?: number;
}

/**
 * Looks at a relay that was just deployed, from this computer, until it is as it should be.
 *
 * @returns what was found; nothing of it is wrong
 * @throws SitespanError `relay-not-reached` with what is wrong, and on which side; as `Ssh`; the signal's reason
 */
export async function untilReached(
  deployment: Deployment,
  ssh: Remote,
  { signal, patienceMs = 20_000 }: Patience = {},
): Promise<readonly RelayFinding[]> {
  const { address: host, port, user: tenant, authority, userKeyFile } = deployment;
  const ca = authority === undefined ? {} : { ca: await readFile(authority, 'utf8') };
  const question = {
    address: { host, port, serverName: host, ...ca },
    access: { tenant, userKey: (await readFile(userKeyFile, 'utf8')).trim() },
  };
  const begun = performance.now();
  for (;;) {
    const findings = await examineRelay(question, signal);
    const wrong = findings.find(({ verdict }) => verdict === 'wrong');
    if (wrong === undefined) return findings;
    if (performance.now() - begun > patienceMs) throw await notReached(deployment, ssh, wrong, signal);
    await sleep(500, signal);
  }
}

async function notReached(
  { host, port }: Deployment,
  ssh: Remote,
  { about, sentence }: RelayFinding,
  signal: AbortSignal | undefined,
): Promise<SitespanError> {
  const log = 'journalctl --user --unit sitespan-relay.service';
  const why = !(await isActive(ssh, signal))
    ? `the relay does not stay up on ${host}: "${log}" there says why`
    : about === 'reach'
      ? `the relay runs on ${host}, so inbound TCP ${port} has to be opened in the firewall there or in front of it`
      : `the relay runs on ${host}, and what answers is not as it should be; "${log}" there may say more`;
  return new SitespanError('relay-not-reached', `${sentence.replace(/\.$/, '')}; ${why}.`);
}
