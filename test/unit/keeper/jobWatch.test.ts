import assert from 'node:assert/strict';
import type { Fact } from '../../../src/keeper/fact.js';
import { JobWatch } from '../../../src/keeper/jobWatch.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { FakeGrid } from './fakeGrid.js';
import { logLines } from './logLines.js';
import { poolSpecOf } from './poolSpecs.js';

/** Two workers, `main-1` and `main-2`, as jobs 101 and 102 of a grid, and who watches them. */
class World {
  readonly grid = new FakeGrid();
  readonly ledger = new Ledger();
  readonly log = logLines();
  /** Whom the scheduler has; undefined while it does not say. */
  present: readonly string[] | undefined = [];
  watch: JobWatch;

  private constructor(private readonly lostSeconds: number) {
    this.watch = this.watcher();
  }

  static async make(lostSeconds = 3600): Promise<World> {
    const world = new World(lostSeconds);
    const intent = { mark: 'm', sites: ['north'], count: 2, cores: 1, memoryMb: 0, walltimeSeconds: 60 };
    const jobs = await world.grid.submit({ ...intent, sandbox: '/', executable: 'start.sh', environment: {} });
    await world.record({ is: 'pool', at: 1, pool: poolSpecOf() });
    const lives = ['main-1', 'main-2'];
    const asked = { mark: 'm', pool: 'main', site: 'north', lives, token: 'join-1', expires: 9e9 };
    await world.record({ is: 'intent', at: 2, ...asked });
    await world.record({ is: 'submitted', at: 3, mark: 'm', jobs: [...jobs] });
    return world;
  }

  async record(fact: Fact): Promise<void> {
    this.ledger.apply(fact);
  }

  watcher(): JobWatch {
    const { ledger, lostSeconds } = this;
    return new JobWatch({
      ...{ ledger, log: this.log.log, limits: { lostSeconds } },
      record: (fact) => this.record(fact),
      knows: ({ subject }) => this.present?.includes(subject),
    });
  }

  look(): Promise<void> {
    return this.watch.look(
      this.grid,
      this.ledger.lives.filter(({ ended }) => !ended),
      {},
    );
  }

  /** Both run, and work. */
  async work(): Promise<void> {
    for (const id of ['101', '102']) this.grid.become(id, 'running', 'Running');
    for (const life of ['main-1', 'main-2']) {
      await this.record({ is: 'life', at: 5, life, phase: 'working', evidence: 'registered' });
    }
  }

  warnings(life = 'main-1'): readonly string[] {
    return this.ledger.life(life)?.snapshot().warnings ?? [];
  }
}

describe('JobWatch', () => {
  it('replaces a worker that the scheduler has lost and its grid takes for running, and ends its job', async () => {
    const w = await World.make(0);
    await w.work();
    w.present = ['main-2'];
    await w.look();
    assert.deepEqual(w.grid.killed, ['101']);
    assert.deepEqual(
      w.ledger.lives.map(({ phase }) => phase),
      ['ended', 'working'],
    );
    assert.match(
      w.ledger.life('main-1')?.glance().evidence ?? '',
      /^vanished without a word at \d{4}-.*; the grid fake still says Running, so its job 101 is ended and another is asked for$/,
    );
  });

  it('tries again where the job of a lost worker cannot be ended, and looks at the others meanwhile', async () => {
    const w = await World.make(0);
    await w.work();
    w.present = ['main-2'];
    w.grid.killFailure = new Error('the grid does not end it');
    w.grid.become('102', 'done', 'Done');
    await w.look();
    await w.look();
    const phases = () => w.ledger.lives.map(({ phase }) => phase);
    assert.deepEqual(phases(), ['working', 'ended']);
    assert.equal(w.log.lines.filter((line) => line.includes('lost worker could not be ended')).length, 1);
    w.grid.killFailure = undefined;
    await w.look();
    assert.deepEqual([phases(), w.grid.killed], [['ended', 'ended'], ['101']]);
  });

  it('gives it up only when it has been missed for long enough, and not while the scheduler says nothing', async () => {
    const patient = await World.make();
    await patient.work();
    await patient.look();
    const deaf = await World.make(0);
    await deaf.work();
    deaf.present = undefined;
    await deaf.look();
    for (const w of [patient, deaf]) assert.deepEqual(w.grid.killed, []);
  });

  it('leaves one alone whose job is back in the queue: its second start is waited for', async () => {
    const w = await World.make(0);
    await w.work();
    for (const id of ['101', '102']) w.grid.become(id, 'waiting', 'Rescheduled');
    await w.look();
    assert.deepEqual(w.grid.killed, []);
  });

  it('remarks that a job is back in the queue: each time once, also after a keeper was started again', async () => {
    const w = await World.make();
    await w.work();
    w.present = undefined;
    await w.look();
    w.grid.become('101', 'waiting', 'Received');
    w.grid.again = 'Rescheduled (Input sandbox)';
    await w.look();
    w.grid.become('101', 'waiting', 'Waiting (On Hold)');
    await w.look();
    w.watch = w.watcher();
    await w.look();
    assert.deepEqual(w.warnings(), [
      'The grid fake has put its job 101 back into the queue (Rescheduled (Input sandbox)); it starts again by itself when it gets another place.',
    ]);
    w.grid.become('101', 'matched', 'Matched');
    await w.look();
    w.grid.become('101', 'waiting', 'Rescheduled');
    await w.look();
    assert.deepEqual([w.warnings().length, w.warnings('main-2')], [2, []]);
  });

  it('logs what is not right with a grid, each thing once', async () => {
    const w = await World.make();
    w.grid.warnings = ['The revocation list of CA is out of date.'];
    await w.look();
    await w.look();
    w.grid.warnings = [...w.grid.warnings, 'CA has no revocation list.'];
    await w.look();
    const said = w.log.lines.flatMap((line) => /"warning":"([^"]+)"/.exec(line)?.[1] ?? []);
    assert.deepEqual(said, ['The revocation list of CA is out of date.', 'CA has no revocation list.']);
  });
});
