import assert from 'node:assert/strict';
import { bytes, bytesPerSecond, duration, hertz, perCent, whole } from '../../../webview/throughput/numbers.js';

describe("A page's numbers", () => {
  it('are short, with their unit', () => {
    assert.deepEqual([0, 7, 999, 1234, 99_600, 1_234_567].map(hertz), [
      '0 Hz',
      '7 Hz',
      '999 Hz',
      '1.2 kHz',
      '100 kHz',
      '1.2 MHz',
    ]);
    assert.equal(bytesPerSecond(3.4e8), '340 MB/s');
    assert.equal(bytes(1.5e12), '1.5 TB');
    assert.equal(whole(1_234_567), '1,234,567');
    assert.equal(perCent(99.6), '100 %');
  });

  it('say where they are not known', () => {
    assert.deepEqual([bytes(null), whole(null), perCent(null)], ['–', '–', '–']);
  });

  it('say how long in two units', () => {
    assert.deepEqual([-1, 12, 200, 3900, 180_000].map(duration), [
      '0 s',
      '12 s',
      '3 min 20 s',
      '1 h 05 min',
      '2 d 2 h',
    ]);
  });
});
