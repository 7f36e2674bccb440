import { SitespanError } from '../../../base/errors.js';
import { type Check, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';
import { callRelay, relayOf } from '../relayCall.js';

const fixes: Readonly<Record<string, string>> = {
  'relay-unreachable':
    'See that it runs and that outgoing TCP to its port is allowed from here; a relay of the cluster\'s own is started again by its keeper ("sitespan status NAME").',
  'relay-untrusted':
    "Its certificate is not the one the cluster was made with: put the old one back at the relay, or make the cluster again with the new one (sitespan up … --relay-ca FILE). If the relay's owner knows nothing of a change, somebody is in between.",
  'relay-stranger':
    "Its owner must have the cluster's tenant with the very key that the cluster was made with in the relay's tenants file.",
  deadline: 'Something accepts the connection and does not answer: ask its owner, or look for a firewall in between.',
};

/** Everybody of a cluster meets at its relay. */
export const relaysAnswer: Check = {
  id: 'relays-answer',
  title: 'relays answer and know us',
  find: ({ clusters, signal }) =>
    findEach(openOnes(clusters), async (cluster) => {
      const relay = await relayOf(cluster);
      // One of its own that has never been started, or whose key is lost, is another check's.
      if (relay === undefined) return [];
      const trouble = (await callRelay(relay, signal)).trouble;
      if (trouble === undefined) return [];
      const where = `${relay.relay.host}:${relay.relay.port}`;
      const what = `The relay of the cluster ${cluster.name} cannot be used: ${trouble.message}`;
      const known = SitespanError.is(trouble) ? fixes[trouble.code]?.replace('NAME', cluster.name) : undefined;
      return [{ severity: 'wrong', what, where, fix: known ?? 'Ask whoever runs it, and look into its log.' }];
    }),
};
