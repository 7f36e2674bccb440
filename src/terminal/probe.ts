import { calls } from '../keeper/api.js';
import { chosenSites, type ProbedSite, probeSites } from '../owner/probeSites.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { probeHelp } from './help/siteHelp.js';
import { note, print } from './print.js';
import { untilStopped } from './untilStopped.js';
import { withCluster } from './withCluster.js';

/** `sitespan probe CLUSTER [SITE…]`: whether workers could run there. @returns 1 where they could not at one of them */
export function runProbe(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('probe', probeHelp, argv);
  const [cluster, ...names] = given.words;
  if (cluster === undefined) throw given.wrong();
  const json = given.has('--json');
  const colours = coloursOf(process.stdout);
  const show = ({ verdict: { ok, sentence } }: ProbedSite): void =>
    print(`${ok ? colours.good('fit  ') : colours.bad('unfit')}  ${sentence}`);
  return untilStopped((signal) =>
    withCluster(cluster, signal, async (client) => {
      const places = chosenSites(await client.call(calls.listSites, {}, signal), names);
      note(`One short job each at ${places.map(({ site }) => site).join(', ')}; a verdict takes up to a minute.`);
      const probed = await probeSites(client, places, json ? () => undefined : show, signal);
      if (json) print(JSON.stringify(probed, null, 2));
      return probed.every(({ verdict }) => verdict.ok) ? 0 : 1;
    }),
  );
}
