import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../../../../src/base/waiting.js';
import { gridDescription } from '../../../../src/grid/dirac/gridDescription.js';
import { commands, secrets, settings } from '../../../../src/ids.js';
import { listClusters } from '../../../../src/keeper/clusters.js';
import { addGrid } from '../../../../src/owner/grids.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { FakeDirac } from '../../grid/dirac/fakeDirac.js';
import { describedStandIn } from '../../keeper/describedStandIn.js';
import { bundleIn } from '../../keeper/scratchCluster.js';
import { scratchHome } from '../../keeper/scratchHome.js';
import { ComingKeeper, keeperProgram } from '../../owner/comingKeeper.js';
import { CommandWindow } from './commandWindow.js';

const [good, bad, shut] = ['LCG.Good.uk', 'LCG.bad.uk', 'LCG.Shut.uk'];

describe('Probe Sites before there is a cluster', function () {
  this.timeout(60_000);
  const home = scratchHome();
  const names = ['XDG_CONFIG_HOME', 'PATH', 'HOME'] as const;
  const given = names.map((name) => [name, process.env[name]] as const);
  let dirac: FakeDirac;
  let keeper: ComingKeeper;
  let window: CommandWindow;
  const stopped = new AbortController();

  before(async () => {
    dirac = await FakeDirac.start();
    const masks = { [good]: 'Active', [bad]: 'Active', [shut]: 'Banned' };
    dirac.has({
      'WorkloadManagement/WMSAdministrator': { getSiteMaskStatus: () => masks },
      'WorkloadManagement/JobMonitoring': { getSiteSummary: () => ({}) },
    });
  });
  beforeEach(async () => {
    const bin = join(home(), 'bin');
    await mkdir(bin);
    await mkdir(join(home(), 'config'));
    // One environment, and no other, on this computer.
    await describedStandIn(join(bin, 'python3'));
    Object.assign(process.env, { XDG_CONFIG_HOME: join(home(), 'config'), PATH: bin, HOME: home() });
    await bundleIn(home(), keeperProgram);
    const spec = {
      ...{ kind: 'dirac', url: dirac.url, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user' },
      ...{ sites: [good, bad, shut], proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
    };
    await addGrid('gridpp', gridDescription.parse({ spec }));
    keeper = new ComingKeeper('probe-gridpp');
    keeper.serve(stopped.signal).catch(() => undefined);
    window = new CommandWindow(home());
  });
  afterEach(() => {
    window.dispose();
    keeper.dispose();
    for (const [name, value] of given) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  after(() => {
    stopped.abort();
    dirac?.stop();
  });

  const choosing =
    (sites: readonly string[]) =>
    ({ kind, placeholder = '' }: Asked): unknown =>
      placeholder.startsWith('Which sites') ? sites : kind === 'message' ? undefined : 'accept';

  it('asks for sites and environments, of which one is banned, and says what was found', async () => {
    await window.run(commands.probeSite, undefined, choosing([good, bad]));
    const [warning, ...notices] = window.screen.said;
    assert.match(warning?.text ?? '', /own relay .* the sites of gridpp cannot reach it/);
    assert.deepEqual(warning?.buttons, ['Set Relay']);
    assert.deepEqual(
      notices.map(({ text }) => text),
      [`1 of 2 sites can run workers. ${bad} is bad.`],
    );
    const [which, ...more] = window.screen.asked.filter(({ kind }) => kind !== 'message');
    assert.deepEqual(which?.labels, [good, bad, `$(circle-slash) ${shut}`]);
    assert.deepEqual(
      more.flatMap(({ kind, placeholder = '' }) => (kind === 'message' ? [] : [placeholder.split(/[?,]/)[0]])),
      ['Which Python', 'The Python of its workers'],
    );
    const environment = { kind: 'python', python: 'python3' };
    for (const site of [good, bad]) {
      assert.equal(
        keeper.probed.filter((one) => isDeepStrictEqual(one, { grid: 'gridpp', site, environment })).length,
        1,
      );
    }
    assert.deepEqual(await listClusters(), []);
  });

  it('is of one site on its row, and shows every verdict that the grid has', async () => {
    const row = { kind: 'site', grid: 'gridpp', site: bad };
    await window.run(commands.probeSite, row, ({ labels }) => (labels.includes('Show All') ? 'Show All' : 'accept'));
    assert.deepEqual(window.notices.slice(1), [`${bad} is bad.`]);
    const text = window.screen.shown.at(-1)?.getText() ?? '';
    assert.match(text, /What probes found for gridpp/);
    assert.match(text, /\*\*LCG\.bad\.uk\*\*, .*LCG\.bad\.uk is bad\./);
  });

  it('enters no environment and makes nothing for a workspace that is not trusted', async () => {
    window.screen.trusted = false;
    await window.run(commands.probeSite, { kind: 'grid', grid: 'gridpp' }, choosing([good]));
    assert.deepEqual(window.notices, [
      'Nothing is started from a workspace that is not trusted; trust this one if you know who wrote it.',
    ]);
    assert.deepEqual([keeper.probed, await listClusters()], [[], []]);
  });

  it('makes nothing where a question is left', async () => {
    const row = { kind: 'grid', grid: 'gridpp' };
    await window.run(commands.probeSite, row, ({ placeholder = '' }) =>
      placeholder.startsWith('Which sites') ? [good] : undefined,
    );
    assert.deepEqual([window.notices.slice(1), keeper.probed, await listClusters()], [[], [], []]);
  });

  it('leads to another relay from where it says that sites cannot reach the own one, and is silent with that', async () => {
    const row = { kind: 'grid', grid: 'gridpp' };
    await window.run(commands.probeSite, row, ({ labels }) => labels.find((label) => label === 'Set Relay'));
    await until(() => window.screen.asked.some(({ title }) => title === 'Set Relay'), {
      ...{ timeoutMs: 5000, everyMs: 5, what: 'The questions of Set Relay' },
    });
    const kept = { address: 'relay.example:443', tenant: 'me', userKey: 'ab'.repeat(32) };
    window.screen.settings.set(settings.relay, kept.address);
    await window.shared.context.secrets.store(secrets.relayKey, JSON.stringify(kept));
    const said = window.notices.length;
    await window.run(commands.probeSite, row, () => undefined);
    assert.deepEqual(window.notices.slice(said), []);
  });
});
