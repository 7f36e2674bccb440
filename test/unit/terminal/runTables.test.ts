import assert from 'node:assert/strict';
import { runTables } from '../../../src/terminal/runTables.js';
import { snapshotWith } from '../keeper/snapshots.js';

describe('runTables', () => {
  it('says what was done, by sample and by site', () => {
    const site = { eventsPerSecond: 0, bytesPerSecond: 0, lives: {} };
    const snapshot = snapshotWith({
      samples: {
        wjets__nominal: { events: 5000, bytes: 1e6, files: 1, seconds: 0.5 },
        ttbar__nominal: { events: 1_200_000, bytes: 4e8, files: 12, seconds: 40 },
      },
      sites: [
        { ...site, site: 'north', events: 900_000, bytes: 3e8 },
        { ...site, site: 'south', events: 305_000, bytes: 101_000_000 },
      ],
      total: {
        events: 1_205_000,
        bytes: 4.01e8,
        eventsPerSecond: 0,
        bytesPerSecond: 0,
        again: { events: 0, bytes: 0 },
      },
    });
    assert.deepEqual(runTables(snapshot), [
      'sample          files     events  task seconds  events/s',
      '────────────────────────────────────────────────────────',
      'ttbar__nominal     12  1,200,000          40.0  30.0 kHz',
      'wjets__nominal      1      5,000           0.5  10.0 kHz',
      '────────────────────────────────────────────────────────',
      'all                13  1,205,000          40.5  29.8 kHz',
      '',
      'site    events      read  share',
      '───────────────────────────────',
      'north  900,000  300.0 MB   75 %',
      'south  305,000  101.0 MB   25 %',
    ]);
  });

  it('says of a run that did nothing that it did', () => {
    assert.deepEqual(runTables(snapshotWith()), [
      'sample  files  events  task seconds  events/s',
      '─────────────────────────────────────────────',
      '─────────────────────────────────────────────',
      'all         0       0           0.0',
      '',
      'site  events  read  share',
      '─────────────────────────',
    ]);
  });
});
