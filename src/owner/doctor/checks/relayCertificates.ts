import { SitespanError } from '../../../base/errors.js';
import { judgeCertificate } from '../../relay/judgeCertificate.js';
import { lookAtRelay } from '../../relay/lookAtRelay.js';
import { certificateSoonMs, endOf } from '../../relay/relayCertificate.js';
import { type Check, type Finding, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';
import { relayOf } from '../relayCall.js';

/**
 * Relays that others run, whose certificates nobody here renews; those of clusters' own are another check's, and so is whether
 * they answer.
 */
export const relayCertificates: Check = {
  id: 'relay-certificates',
  title: "other people's relays have certificates for a while",
  find: ({ clusters, now, signal }) =>
    findEach(openOnes(clusters), async (cluster): Promise<readonly Finding[]> => {
      const relay = cluster.settings.relay.kind === 'other' ? (await relayOf(cluster))?.relay : undefined;
      if (relay === undefined) return [];
      try {
        const look = await lookAtRelay(relay, signal);
        if (endOf(look.certificate) - now > certificateSoonMs) return [];
        const { verdict, sentence } = judgeCertificate(look, relay, now);
        if (verdict === 'good') return [];
        const fix = `Ask whoever runs the relay of ${cluster.name}; nobody can join once it has expired.`;
        return [{ severity: verdict, what: sentence, where: `${relay.host}:${relay.port}`, fix }];
      } catch (error) {
        signal?.throwIfAborted();
        if (SitespanError.is(error)) return [];
        throw error;
      }
    }),
};
