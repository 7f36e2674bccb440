import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SitespanError } from '../base/errors.js';
import type { Deployment } from '../owner/relay/deployment.js';
import { invitationLines, invitationOf } from '../owner/relay/deploymentPage.js';
import { deployOverSsh } from '../owner/relay/deployOverSsh.js';
import { prepareDeployment } from '../owner/relay/prepareDeployment.js';
import { Ssh } from '../owner/relay/ssh.js';
import { untilReached } from '../owner/relay/untilReached.js';
import { bundleFolder } from './bundleFolder.js';
import type { GivenArguments } from './givenArguments.js';
import { note, print } from './print.js';
import { wholeNumber } from './quantities.js';

/** `sitespan relay deploy HOST`: says what a relay there needs, or does it over ssh. */
export async function relayDeploy(given: GivenArguments, signal: AbortSignal): Promise<number> {
  const [, host = ''] = given.exactly(2);
  const port = given.text('--port');
  const program = join(bundleFolder(), 'cli.mjs');
  const deployment = await prepareDeployment({
    ...{ host, address: given.text('--address'), user: given.text('--user') },
    port: port === undefined ? undefined : portOf(port),
    certificate: certificateOf(given),
    ...{ program, now: Date.now() },
  });
  note(`on this computer: all that it needs, in ${deployment.folder}`);
  if (!given.has('--over-ssh')) {
    print(await readFile(deployment.pageFile, 'utf8'));
    return 0;
  }
  const config = given.text('--ssh-config');
  const ssh = new Ssh({ host, config: config === undefined ? undefined : resolve(config) });
  await deployOverSsh(deployment, ssh, { program, replace: given.has('--replace'), progress: note, signal });
  for (const { verdict, sentence } of await untilReached(deployment, ssh, { signal })) {
    note(`${verdict === 'good' ? 'from outside' : `! ${verdict}`}: ${sentence}`);
  }
  said(deployment);
  return 0;
}

function said(deployment: Deployment): void {
  print(`The relay ${deployment.address}:${deployment.port} is there and knows ${deployment.user}.`);
  for (const line of invitationLines(invitationOf(deployment))) print(line);
  print(`others:    sitespan relay user add NAME --host ${deployment.host}`);
}

function portOf(text: string): number {
  const port = wholeNumber(text, '--port', 1);
  if (port <= 65_535) return port;
  throw new SitespanError('usage', `--port is at most 65535, not ${text}.`);
}

/**
 * Which certificate the relay is to show; undefined: as before, at first one of its own.
 *
 * @throws SitespanError `usage`
 */
export function certificateOf(given: GivenArguments): { cert: string; key: string } | 'renewed' | undefined {
  const [cert, key] = [given.text('--cert'), given.text('--key')];
  if (cert === undefined && key === undefined) return given.has('--renew') ? 'renewed' : undefined;
  if (cert === undefined || key === undefined) throw new SitespanError('usage', 'Give --cert and --key together.');
  if (given.has('--renew')) {
    throw new SitespanError(
      'usage',
      '--renew makes a certificate of your own; give it or --cert with --key, not both.',
    );
  }
  return { cert: resolve(cert), key: resolve(key) };
}
