import { SitespanError } from '../base/errors.js';
import { parseEnvironment } from '../environment/parseEnvironment.js';
import { calls } from '../keeper/api.js';
import { probeGrid } from '../owner/probeGrid.js';
import { chosenSites, type ProbedSite, probeSites } from '../owner/probeSites.js';
import { givenCluster } from './clusterOptions.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { probeHelp } from './help/siteHelp.js';
import { note, print } from './print.js';
import { noteRelay } from './relayNote.js';
import { untilStopped } from './untilStopped.js';
import { withCluster } from './withCluster.js';

/** Of a cluster that is there these are decided. */
const onlyOfGrid = probeHelp.options.map(({ flag }) => flag).filter((flag) => flag !== '--json');

/** `sitespan probe CLUSTER [SITE…]`, `sitespan probe --grid GRID [SITE…]`: whether workers could run there. @returns 1 where they could not at one of them */
export async function runProbe(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('probe', probeHelp, argv);
  const json = given.has('--json');
  const colours = coloursOf(process.stdout);
  const show = ({ verdict: { ok, sentence } }: ProbedSite): void =>
    print(`${ok ? colours.good('fit  ') : colours.bad('unfit')}  ${sentence}`);
  const probing = given.has('--grid') ? await ofGrid(given) : ofCluster(given);
  return untilStopped(async (signal) => {
    const probed = await probing(json ? () => undefined : show, signal);
    if (json) print(JSON.stringify(probed, null, 2));
    return probed.every(({ verdict }) => verdict.ok) ? 0 : 1;
  });
}

type Probing = (tell: (probed: ProbedSite) => void, signal: AbortSignal) => Promise<readonly ProbedSite[]>;

function ofCluster(given: GivenArguments): Probing {
  const [cluster, ...names] = given.words;
  if (cluster === undefined) throw given.wrong();
  const alone = onlyOfGrid.find((flag) => given.has(flag));
  if (alone !== undefined) throw new SitespanError('usage', `${alone} needs --grid GRID.`);
  return (tell, signal) =>
    withCluster(cluster, signal, async (client) => {
      const places = chosenSites(await client.call(calls.listSites, {}, signal), names);
      note(`One short job each at ${places.map(({ site }) => site).join(', ')}; a verdict takes up to a minute.`);
      return probeSites(client, places, tell, signal);
    });
}

async function ofGrid(given: GivenArguments): Promise<Probing> {
  const cluster = await givenCluster(given);
  const workers = parseEnvironment(given.text('--worker-environment') ?? 'python3');
  const grid = given.text('--grid') ?? '';
  return (tell, signal) => {
    noteRelay(grid, cluster.relay);
    return probeGrid(grid, given.words, { cluster, workers, tell, signal, progress: note });
  };
}
