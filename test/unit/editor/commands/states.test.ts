import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { handlers } from '../../../../src/editor/commands/handlers.js';
import { type CommandId, commands } from '../../../../src/ids.js';
import type { ClusterFolder } from '../../../../src/keeper/clusterFolder.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { describedStandIn } from '../../keeper/describedStandIn.js';
import { endedForGood } from '../../keeper/endedForGood.js';
import { bundleIn, clusterIn } from '../../keeper/scratchCluster.js';
import { scratchHome } from '../../keeper/scratchHome.js';
import { agreeable, CommandWindow } from './commandWindow.js';
import { runs, ServedCluster } from './servedCluster.js';

const all: readonly CommandId[] = Object.values(commands);

describe('Every command', function () {
  this.timeout(120_000);
  let folder: ClusterFolder | undefined;
  let window: CommandWindow | undefined;
  let served: ServedCluster | undefined;
  // Before the scratch folder goes.
  afterEach(async () => {
    window?.dispose();
    served?.dispose();
    if (folder !== undefined) await endedForGood(folder.keeper);
    window = served = folder = undefined;
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const home = scratchHome();
  const names = ['PATH', 'HOME', 'X509_USER_PROXY', 'X509_USER_CERT', 'X509_USER_KEY'] as const;
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));

  let trusted = true;
  /** One environment, and no other, on this computer. */
  beforeEach(async () => {
    trusted = true;
    const bin = join(home(), 'bin');
    await mkdir(bin);
    await describedStandIn(join(bin, 'python3'));
    process.env['PATH'] = bin;
    process.env['HOME'] = home();
    // Not the proxy and the certificate of whoever runs the tests.
    process.env['X509_USER_PROXY'] = join(home(), 'proxy');
    for (const name of ['X509_USER_CERT', 'X509_USER_KEY']) delete process.env[name];
  });

  /** @returns one line for each command that did what none may */
  async function faultsOf(answer: (question: Asked) => unknown, platform?: NodeJS.Platform): Promise<string[]> {
    const faults: string[] = [];
    for (const id of all) {
      window = new CommandWindow(home(), platform);
      window.screen.trusted = trusted;
      await window.run(id, undefined, answer);
      const { notices, logged } = window;
      if (notices.length > 1) faults.push(`${id} says more than one thing: ${notices.join(' | ')}`);
      for (const text of notices) if (!/^[A-Z\d"/].*[.?!]$/s.test(text)) faults.push(`${id} says no sentence: ${text}`);
      const unknown = logged.filter((text) => !text.startsWith('SitespanError'));
      if (unknown.length > 0) faults.push(`${id} failed: ${unknown.join(' | ')}`);
      window.dispose();
    }
    return faults;
  }

  /** Everything that some say, by command. */
  async function saidBy(ids: readonly CommandId[], platform?: NodeJS.Platform): Promise<string[]> {
    const said = new Set<string>();
    for (const id of ids) {
      window = new CommandWindow(home(), platform);
      window.screen.trusted = trusted;
      await window.run(id, undefined, () => undefined);
      for (const text of window.notices) said.add(text);
      window.dispose();
    }
    return [...said];
  }

  const ofClusters: readonly CommandId[] = [
    ...[commands.closeCluster, commands.stopEverything, commands.scaleWorkers, commands.scaleAtSite],
    ...[commands.setAdaptive, commands.restartWorkers, commands.drainWorker, commands.killWorker],
    ...[commands.showWorkerLog, commands.whyWorker, commands.probeSite],
    ...[commands.copySchedulerAddress, commands.openDashboard],
  ];

  it('without a cluster says at most one thing, whether its questions are answered or left', async () => {
    await bundleIn(home());
    assert.deepEqual(await faultsOf(() => undefined), []);
    assert.deepEqual(await faultsOf(agreeable), []);
  });

  it('that needs a cluster offers to make one where there is none', async () => {
    window = new CommandWindow(home());
    assert.deepEqual(await saidBy(ofClusters), ['There is no cluster on this computer yet.']);
    window = new CommandWindow(home());
    const asked: Asked[] = [];
    await window.run(commands.scaleWorkers, undefined, (question) => {
      asked.push(question);
      return question.kind === 'message' ? 'New Cluster' : undefined;
    });
    assert.deepEqual(
      asked.map(({ kind, title }) => [kind, title]),
      [
        ['message', 'There is no cluster on this computer yet.'],
        ['text', 'New Cluster'],
      ],
    );
  });

  it('with a cluster says at most one thing, whether its questions are answered or left', async () => {
    folder = await clusterIn(home(), {}, runs);
    served = new ServedCluster();
    await served.listen(folder);
    assert.deepEqual(await faultsOf(() => undefined), []);
    assert.deepEqual(served.changes, []);
    assert.deepEqual(
      (await faultsOf((question) => (question.title.startsWith('Stop') ? undefined : agreeable(question)))).filter(
        // The keeper is the test, which does not go when it is told to.
        (fault) => !fault.startsWith(commands.closeCluster),
      ),
      [],
    );
  });

  it('of a cluster whose keeper cannot be started says so, and names the cluster', async () => {
    folder = await clusterIn(home(), {}, `console.error('sitespan: the journal is damaged'); process.exit(1);`);
    const [said = '', ...more] = await saidBy(
      ofClusters.filter((id) => id !== commands.closeCluster && id !== commands.stopEverything),
    );
    assert.deepEqual(more, []);
    assert.match(said, /^The keeper of .*test did not start: the journal is damaged; its log is /);
  });

  it('that starts programs says that the workspace is not trusted, and the others do not mind', async () => {
    trusted = false;
    await bundleIn(home());
    const starts = all.filter((id) => handlers[id].needs === 'trust');
    for (const id of [commands.newCluster, commands.deployRelay]) assert.ok(starts.includes(id), id);
    assert.deepEqual(await saidBy(starts), [
      'Nothing is started from a workspace that is not trusted; trust this one if you know who wrote it.',
    ]);
    assert.deepEqual(await faultsOf(() => undefined), []);
  });

  it('is one sentence on Windows', async () => {
    const [said = '', ...more] = await saidBy(all, 'win32');
    assert.deepEqual(more, []);
    assert.match(said, /WSL or over Remote-SSH/);
  });
});
