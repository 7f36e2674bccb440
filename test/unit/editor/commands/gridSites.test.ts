import assert from 'node:assert/strict';
import { join } from 'node:path';
import { commands } from '../../../../src/ids.js';
import type { ClusterFolder } from '../../../../src/keeper/clusterFolder.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { endedForGood } from '../../keeper/endedForGood.js';
import { clusterIn } from '../../keeper/scratchCluster.js';
import { scratchHome } from '../../keeper/scratchHome.js';
import { describedGrid } from '../describedGrid.js';
import { CommandWindow } from './commandWindow.js';
import { runs, ServedCluster, siteOf } from './servedCluster.js';

const bad = { ok: false, sentence: 'south cannot run workers: no python3 on node7.', at: 1_800_000_000, facts: {} };

/** What commands do at the sites of a cluster's grids. */
describe('The commands of sites', function () {
  this.timeout(60_000);
  const home = scratchHome();
  let folder: ClusterFolder;
  let served: ServedCluster;
  let window: CommandWindow;
  beforeEach(async () => {
    const { spec } = describedGrid('LCG.A.uk', 'LCG.B.uk', 'LCG.C.uk');
    folder = await clusterIn(home(), { grids: { gridpp: { ...spec, proxy: join(home(), 'no-proxy') } } }, runs);
    served = new ServedCluster();
    await served.listen(folder);
    window = new CommandWindow(home());
  });
  // Before the scratch folder goes.
  afterEach(async () => {
    window.dispose();
    served.dispose();
    await endedForGood(folder.keeper);
  });

  const grid = { kind: 'grid', grid: 'gridpp' };
  const ofGrid = (): void => {
    const sites = ['LCG.A.uk', 'LCG.B.uk', 'LCG.C.uk'].map((name) => ({
      ...siteOf(name),
      banned: name === 'LCG.C.uk',
    }));
    served.grids = [...served.grids, { grid: 'gridpp', sites }];
  };
  const agree = ({ kind, labels }: Asked): unknown =>
    kind === 'modal' ? labels[0] : kind === 'message' ? undefined : 'accept';

  it('probe the sites that are chosen, each once, and say what is wrong first', async () => {
    ofGrid();
    served.verdicts = { 'LCG.B.uk': { ...bad, sentence: 'LCG.B.uk cannot reach the relay; ask the site.' } };
    const chosen = ['LCG.A.uk', 'LCG.B.uk'];
    await window.run(commands.probeSite, grid, ({ kind }) => (kind === 'pick' ? chosen : undefined));
    assert.deepEqual(served.probed.toSorted(), ['gridpp LCG.A.uk', 'gridpp LCG.B.uk']);
    assert.deepEqual(window.notices, ['1 of 2 sites can run workers. LCG.B.uk cannot reach the relay; ask the site.']);
    const [question] = window.screen.asked;
    assert.deepEqual(question?.labels, ['LCG.A.uk', 'LCG.B.uk', '$(circle-slash) LCG.C.uk']);
  });

  it('probe the sites of the pools where nothing else is chosen, and show every verdict', async () => {
    served.grids = [{ grid: 'local', sites: ['north', 'south'].map((name) => ({ ...siteOf(name), verdict: bad })) }];
    const answer = ({ kind }: Asked): unknown => (kind === 'message' ? 'Show All' : 'accept');
    await window.run(commands.probeSite, undefined, answer);
    assert.deepEqual(served.probed.toSorted(), ['local north', 'local south']);
    assert.deepEqual(window.notices, ['All 2 sites can run workers.']);
    assert.match(window.screen.shown.at(-1)?.getText() ?? '', /\*\*south\*\*, 2027-01-15 08:00 UTC: south cannot run/);
  });

  it('lead to a cluster where none has the grid', async () => {
    await window.run(commands.probeSite, grid, () => undefined);
    assert.match(window.notices.join(), /^No cluster has the grid gridpp yet/);
    assert.deepEqual(window.screen.said[0]?.buttons, ['New Cluster']);
  });

  it('ask once more before workers go where a probe found that they cannot run', async () => {
    served.grids = [{ grid: 'local', sites: [siteOf('north'), { ...siteOf('south'), verdict: bad }] }];
    const scale = (answer: (question: Asked) => unknown): Promise<void> =>
      window.run(commands.scaleWorkers, undefined, (question) => (question.kind === 'text' ? '5' : answer(question)));
    await scale(() => undefined);
    assert.equal(served.changes.length, 0);
    assert.match(window.screen.said[0]?.text ?? '', /^The last probe of south, at 2027-01-15 08:00 UTC: south cannot/);
    await scale(agree);
    assert.deepEqual(
      served.changes.map(([call]) => call),
      ['scalePool'],
    );
  });

  it('ask nothing of a grid without a proxy, and offer to make one', async () => {
    const [pool] = served.snapshot.pools;
    assert.ok(pool);
    served.snapshot = { ...served.snapshot, pools: [{ ...pool, grid: 'gridpp', sites: ['LCG.A.uk'] }] };
    await window.run(commands.scaleWorkers, undefined, (question) =>
      question.kind === 'text' ? '5' : agree(question),
    );
    assert.deepEqual(served.changes, []);
    assert.match(window.notices.join(), /^There is no proxy .*no-proxy/);
    assert.equal(window.screen.said[0]?.buttons[0], 'Initialise Proxy');
  });
});
