import assert from 'node:assert/strict';
import { coloursOf } from '../../../src/terminal/colours.js';
import { statusLines } from '../../../src/terminal/statusLines.js';
import { TextOutput } from './textOutput.js';

describe('statusLines', () => {
  const rates = { events: 5_000_000, bytes: 3e9, eventsPerSecond: 1.2e6, bytesPerSecond: 4e7 };
  const snapshot = {
    name: 'ttbar',
    id: 'ttbar-1a2b3c',
    phase: 'working' as const,
    problems: [{ code: 'pool-stopped', message: 'Pool gpu lost 3 workers.' }],
    relay: { address: '127.0.0.1:1', restarts: 0 },
    scheduler: { address: 'relay://scheduler:8786', httpPort: 1 },
    pools: [
      {
        ...{ name: 'main', sites: ['north', 'south'], desired: 32, lives: { working: 24, waiting: 8 } },
        ...{ cores: 8, walltimeSeconds: 86_400, adaptive: { minimum: 2, maximum: 40 } },
      },
      { name: 'gpu', sites: ['north'], desired: 0, lives: {} },
    ],
    sites: [{ site: 'north', lives: { working: 24, waiting: 8 }, ...rates }],
    samples: {},
    total: { ...rates, again: { events: 1000, bytes: 1 } },
    tasks: { waiting: 7, processing: 24, memory: 0, erred: 0 },
    kernels: [
      {
        ...{ id: 'k1', folder: '/k1', phase: 'busy' as const },
        cells: { queued: 3, running: 1, done: 5, failed: 1, skipped: 0 },
      },
    ],
  };
  const lines = statusLines(snapshot, coloursOf(new TextOutput(false)));

  it('say how it is in two lines, for those who read no more', () => {
    assert.equal(lines[0], 'ttbar  working  24/32 workers, 8 coming');
    assert.match(lines[1] ?? '', /^1\.2 MHz, 40\.0 MB\/s; 5,000,000 events, .*24 tasks running, 7 waiting$/);
  });

  it('have each pool, site and kernel, and what hinders it', () => {
    const text = lines.join('\n');
    assert.match(text, /^main\s+24\/32\s+8\s+2 to 40\s+8 × 24 h\s+north, south$/m);
    assert.match(text, /^gpu\s+0\/0\s+0\s+fixed\s+north$/m);
    assert.match(text, /^north\s+24\s+8\s+1\.2 MHz\s+40\.0 MB\/s\s+5,000,000$/m);
    assert.match(text, /^kernel ttbar\/k1 {2}busy {2}6 of 10 cells, 1 failed$/m);
    assert.match(text, /^1,000 events were processed twice\.$/m);
    assert.match(text, /^! Pool gpu lost 3 workers\.$/m);
  });
});
