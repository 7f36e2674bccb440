import assert from 'node:assert/strict';
import { Ledger } from '../../../src/keeper/ledger.js';
import type { SchedulerState } from '../../../src/keeper/schedulerState.js';
import { Throughput } from '../../../src/keeper/throughput.js';
import { throughputView as schema } from '../../../src/keeper/throughputApi.js';
import { throughputView } from '../../../src/keeper/throughputView.js';
import { schedulerStateOf } from './schedulerStates.js';

const siteOf = (worker: string): string => (worker.startsWith('n') ? 'north' : 'south');

describe('throughputView', () => {
  /** Three workers, each with a file and 100 events a second, for so many seconds. */
  function viewOf(seconds: number, changes: Partial<SchedulerState> = {}) {
    const throughput = new Throughput(siteOf);
    let scheduler: SchedulerState | undefined;
    for (let time = 0; time <= seconds; time++) {
      scheduler = schedulerStateOf(1000 + time, { n1: 100 * time, n2: 100 * time, s1: 100 * time }, changes);
      throughput.take(scheduler);
    }
    const cells = [{ at: 1001, endedAt: null, label: '[3]', kernel: 'k1', status: 'running' }];
    return throughputView(
      { ledger: new Ledger(), throughput, scheduler, cells },
      { by: 'site', points: 300, include: [] },
    );
  }

  it('is what the schema says, by site', () => {
    const view = viewOf(20);
    assert.deepEqual(schema.parse(view), view);
    assert.deepEqual(
      view.series.map(({ name, site, events }) => [name, site, events.at(-1)]),
      [
        ['north', 'north', 200],
        ['south', 'south', 100],
      ],
    );
    assert.deepEqual([view.totals.events, view.totals.files, view.totals.eventsPerSecond], [6000, 3, 300]);
    assert.equal(view.cells[0]?.label, '[3]');
  });

  it('does not guess how much is left where nobody said it', () => {
    const { filesExpected, filesLeft, etaSeconds } = viewOf(20).totals;
    assert.deepEqual([filesExpected, filesLeft, etaSeconds], [null, null, null]);
  });

  it('counts what is left from when the analysis said how much it is', () => {
    const expected = { time: 1000, files: 9, events: null, before: { files: 1, events: 0 } };
    const { filesExpected, filesLeft, etaSeconds } = viewOf(20, { expected }).totals;
    assert.deepEqual([filesExpected, filesLeft], [9, 7]);
    // 6000 events in the two files since, so 21,000 in seven, at 300 a second.
    assert.equal(etaSeconds, 70);
  });

  it('foretells from events where they are known, and never less than nothing', () => {
    const expected = { time: 1000, files: null, events: 9000, before: { files: 0, events: 0 } };
    assert.equal(viewOf(20, { expected }).totals.etaSeconds, 10);
    assert.equal(viewOf(20, { expected }).totals.filesLeft, null);
    assert.equal(viewOf(60, { expected }).totals.etaSeconds, 0);
  });

  it('cannot tell the end before anything is done', () => {
    const expected = { time: 1000, files: 9, events: 9000, before: { files: 0, events: 0 } };
    assert.equal(viewOf(0, { expected }).totals.etaSeconds, null);
  });
});
