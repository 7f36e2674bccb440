import assert from 'node:assert/strict';
import { viewCsv } from '../../../../src/editor/panels/viewCsv.js';
import type { ThroughputView } from '../../../../src/keeper/throughputApi.js';

const view = (by: ThroughputView['by'], name: string): ThroughputView => ({
  by,
  times: [0, 2],
  series: [{ name, site: 'north', events: [1, 2.5], bytes: [10, 25] }],
  marks: [],
  cells: [],
  totals: {
    ...{ events: 0, bytes: 0, again: { events: 0, bytes: 0 }, eventsPerSecond: 0, bytesPerSecond: 0 },
    ...{ files: 0, filesExpected: null, filesLeft: null, etaSeconds: null },
  },
});

describe('viewCsv', () => {
  it('is a line a moment and curve', () => {
    assert.equal(
      viewCsv(view('site', 'north')),
      'time,site,events_per_second,bytes_per_second\n1970-01-01T00:00:00.000Z,north,1,10\n1970-01-01T00:00:02.000Z,north,2.5,25\n',
    );
  });

  it('says the site of each worker, and quotes what would be read as something else', () => {
    const lines = viewCsv(view('worker', 'a,"b"')).split('\n');
    assert.equal(lines[0], 'time,worker,site,events_per_second,bytes_per_second');
    assert.equal(lines[1], '1970-01-01T00:00:00.000Z,"a,""b""",north,1,10');
  });
});
