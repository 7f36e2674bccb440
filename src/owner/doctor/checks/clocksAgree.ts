import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../../../base/systemError.js';
import { duration } from '../../duration.js';
import { type Check, type Finding, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';
import { callRelay, relayOf } from '../relayCall.js';

/** A file that was written in the future is written by a clock that is ahead of ours. */
const fileToleranceMs = 120_000;

/** Certificates, credentials and heartbeats are compared with clocks: here, at relays, and on file servers. */
export const clocksAgree: Check = {
  id: 'clocks-agree',
  title: 'clocks agree',
  find: ({ clusters, now, signal }) =>
    findEach(openOnes(clusters), async (cluster) => {
      const findings: Finding[] = [];
      const relay = await relayOf(cluster);
      const offsetMs = relay === undefined ? 0 : (await callRelay(relay, signal)).offsetMs;
      if (relay !== undefined && offsetMs !== 0) {
        const side = offsetMs > 0 ? 'behind' : 'ahead of';
        findings.push({
          severity: 'wrong',
          what: `This computer's clock is ${duration(Math.abs(offsetMs) / 1000)} ${side} that of the relay of ${cluster.name}; certificates and credentials may count as expired, or as not valid yet.`,
          where: `${relay.relay.host}:${relay.relay.port}`,
          fix: 'Set the clock that is wrong: turn on time synchronisation (timedatectl set-ntp true), or ask the administrator.',
        });
      }
      const beat = await unlessAbsent(stat(join(cluster.folder.keeper, 'alive')));
      if (beat !== undefined && beat.mtimeMs > now + fileToleranceMs) {
        findings.push({
          severity: 'wrong',
          what: `The files of ${cluster.name} were written ${duration((beat.mtimeMs - now) / 1000)} in the future: the clock of this computer or of its file server is wrong.`,
          where: cluster.folder.path,
          fix: 'Set the clock that is wrong: turn on time synchronisation (timedatectl set-ntp true), or ask the administrator.',
        });
      }
      return findings;
    }),
};
