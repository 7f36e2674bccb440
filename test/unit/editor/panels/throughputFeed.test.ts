import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import { Emitter } from '../../../../src/base/events.js';
import { sleep, until } from '../../../../src/base/waiting.js';
import { ThroughputFeed, type ThroughputSource } from '../../../../src/editor/panels/throughputFeed.js';
import { type PanelSnapshot, panelSnapshot } from '../../../../src/editor/protocol.js';
import { stateOf } from '../../../../src/editor/states.js';
import { aboutCluster, ofState, type Trouble } from '../../../../src/editor/troubles.js';
import type { RunSummary } from '../../../../src/keeper/runFiles.js';
import type { ThroughputView } from '../../../../src/keeper/throughputApi.js';

const totals: ThroughputView['totals'] = {
  ...{ events: 500, bytes: 5000, again: { events: 0, bytes: 0 }, eventsPerSecond: 10, bytesPerSecond: 100 },
  ...{ files: 1, filesExpected: null, filesLeft: null, etaSeconds: null },
};
const kept: RunSummary = { id: 'old-1a2b3c', name: 'old', begunAt: 1000, endedAt: 2000, totals };

/** Sources as a test sets them, a feed, and what it sent. */
class Rig {
  clusters: string[] = ['ttbar'];
  runs: RunSummary[] = [];
  events = 500;
  live = true;
  failure: unknown;
  trouble: Trouble | undefined;
  asked: string[] = [];
  readonly sent: { readonly at: number; readonly snapshot: PanelSnapshot }[] = [];
  private readonly changed = new Emitter(assert.ifError);
  readonly feed = new ThroughputFeed({
    sources: {
      choices: async () => ({ clusters: this.clusters, runs: this.runs }),
      open: async (what) => {
        if (this.failure !== undefined) throw this.failure;
        return this.source(JSON.stringify(what));
      },
      troubleOf: () => this.trouble,
      onDidChange: this.changed.event,
    },
    send: (snapshot) => this.sent.push({ at: Date.now(), snapshot: panelSnapshot.parse(snapshot) }),
    work: { command: 'run', label: 'Run Notebook' },
    log: { command: 'log', label: 'Show Log' },
    onError: assert.ifError,
    everyMs: 40,
  });

  get last(): PanelSnapshot | undefined {
    return this.sent.at(-1)?.snapshot;
  }

  change(): void {
    this.changed.fire();
  }

  async reaches(condition: PanelSnapshot['condition']): Promise<PanelSnapshot> {
    await until(() => this.last?.condition === condition, { timeoutMs: 2000, everyMs: 5, what: condition });
    return this.last ?? assert.fail('nothing was sent');
  }

  private source(name: string): ThroughputSource {
    return {
      live: this.live,
      view: async (by, include) => {
        this.asked.push(`${name} ${by} ${include.join()}`);
        return {
          by,
          times: [1],
          series: [],
          marks: [],
          cells: [],
          totals: { ...totals, events: this.events, bytes: 0 },
        };
      },
      table: async () => [],
    };
  }
}

describe('ThroughputFeed', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.feed.dispose());

  it('says that it connects, then sends whole snapshots', async () => {
    rig.feed.visible = true;
    const first = await rig.reaches('live');
    assert.equal(rig.sent[0]?.snapshot.condition, 'connecting');
    assert.match(rig.sent[0]?.snapshot.sentence ?? '', /ttbar/);
    assert.deepEqual(
      [first.what, first.view?.totals.events, first.sentence],
      [{ kind: 'cluster', name: 'ttbar' }, 500, null],
    );
  });

  it('asks and sends nothing while it is hidden', async () => {
    rig.feed.show({ what: null, by: 'worker', worker: null });
    rig.change();
    await sleep(120);
    assert.deepEqual([rig.sent.length, rig.asked.length], [0, 0]);
    rig.feed.visible = true;
    await rig.reaches('live');
    rig.feed.visible = false;
    const [sent, asked] = [rig.sent.length, rig.asked.length];
    rig.change();
    await sleep(120);
    assert.deepEqual([rig.sent.length, rig.asked.length], [sent, asked]);
    rig.feed.visible = true;
    await until(() => rig.sent.length > sent, { timeoutMs: 2000, everyMs: 5, what: 'The next snapshot' });
  });

  it('sends no more often than it may, whatever happens', async () => {
    rig.feed.visible = true;
    await rig.reaches('live');
    for (let n = 0; n < 40; n++) {
      rig.feed.show({ what: null, by: n % 2 === 0 ? 'worker' : 'site', worker: null });
      rig.feed.resend();
      rig.change();
      await sleep(5);
    }
    const gaps = rig.sent.slice(2).map(({ at }, index) => at - (rig.sent[index + 1]?.at ?? 0));
    assert.ok(gaps.length > 2, `${gaps.length} snapshots`);
    assert.ok(Math.min(...gaps) >= 38, `${Math.min(...gaps)} ms apart`);
  });

  it('asks for what the page wishes', async () => {
    rig.feed.visible = true;
    rig.feed.show({ what: { kind: 'cluster', name: 'other' }, by: 'worker', worker: 'main-3' });
    await rig.reaches('live');
    assert.deepEqual(rig.asked.at(-1), '{"kind":"cluster","name":"other"} worker main-3');
    assert.equal(rig.last?.by, 'worker');
  });

  it('asks once for a run that is over', async () => {
    rig.live = false;
    rig.runs = [kept];
    rig.feed.show({ what: { kind: 'run', id: kept.id }, by: 'site', worker: null });
    rig.feed.visible = true;
    await rig.reaches('finished');
    await sleep(120);
    assert.equal(rig.asked.length, 1);
    assert.match(rig.last?.runs[0]?.label ?? '', /^old, /);
  });

  it('offers to begin where there is nothing', async () => {
    rig.clusters = [];
    rig.feed.visible = true;
    const { sentence, action } = await rig.reaches('empty');
    const state = stateOf('no-cluster');
    assert.deepEqual([sentence, action], [state.sentence, 'New Cluster']);
    assert.deepEqual(rig.feed.action, state.action);
    rig.clusters = ['ttbar'];
    rig.change();
    await rig.reaches('live');
  });

  it('shows the newest run where there is no cluster', async () => {
    rig.clusters = [];
    rig.runs = [kept];
    rig.live = false;
    rig.feed.visible = true;
    assert.deepEqual((await rig.reaches('finished')).what, { kind: 'run', id: kept.id });
  });

  it('offers work to a cluster that has done nothing', async () => {
    rig.events = 0;
    rig.feed.visible = true;
    const { action, view } = await rig.reaches('live');
    assert.equal(action, 'Run Notebook');
    assert.equal(view?.totals.events, 0);
  });

  it('keeps what was seen of a cluster that has gone, and offers its run', async () => {
    rig.feed.visible = true;
    await rig.reaches('live');
    rig.runs = [{ ...kept, name: 'ttbar', id: 'ttbar-1a2b3c' }];
    rig.failure = new SitespanError('cluster-unknown', 'There is no cluster ttbar on this computer any more.');
    const { sentence, action, view } = await rig.reaches('gone');
    assert.equal(sentence, 'There is no cluster ttbar on this computer any more. What it did was kept.');
    assert.equal(action, 'Show Its Run');
    assert.deepEqual(rig.feed.action, { label: action, show: { kind: 'run', id: 'ttbar-1a2b3c' } });
    assert.equal(view?.totals.events, 500);
  });

  it('says what hinders a cluster beside its numbers, until it has passed', async () => {
    rig.trouble = ofState('relay-unreachable', aboutCluster('ttbar'), 'Its relay has gone.');
    rig.feed.visible = true;
    const { sentence, action, view } = await rig.reaches('live');
    assert.deepEqual([sentence, action, view?.totals.events], ['Its relay has gone.', 'Set Relay', 500]);
    assert.deepEqual(rig.feed.action, { ...stateOf('relay-unreachable').action, arguments: aboutCluster('ttbar') });
    rig.trouble = undefined;
    await until(() => rig.last?.sentence === null, { timeoutMs: 2000, everyMs: 5, what: 'Its passing' });
  });

  it('says that a keeper has gone as every face does', async () => {
    rig.feed.visible = true;
    await rig.reaches('live');
    rig.trouble = ofState('keeper-gone', aboutCluster('ttbar'));
    rig.failure = new SitespanError('keeper-unreachable', 'The keeper of /state/ttbar does not answer.');
    assert.equal((await rig.reaches('gone')).sentence, stateOf('keeper-gone').sentence);
  });

  it("says a keeper's trouble with its remedy, and shows the cluster when it is back", async () => {
    const remedy = { command: 'again', label: 'Start Again' };
    rig.failure = new SitespanError('keeper-start-failed', 'The keeper of ttbar does not start.', { remedy });
    rig.feed.visible = true;
    const { sentence, action } = await rig.reaches('gone');
    assert.deepEqual([sentence, action], ['The keeper of ttbar does not start.', 'Start Again']);
    rig.failure = undefined;
    rig.change();
    await rig.reaches('live');
  });
});
