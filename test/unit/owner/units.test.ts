import assert from 'node:assert/strict';
import { byteRate, eventRate, size, whole } from '../../../src/owner/units.js';

describe('units', () => {
  const cases = (say: (value: number) => string, table: readonly (readonly [number, string])[]): void => {
    for (const [value, text] of table) it(`says ${value} as ${text}`, () => assert.equal(say(value), text));
  };

  describe('of whole numbers', () => {
    cases(whole, [
      [0, '0'],
      [999, '999'],
      [1000, '1,000'],
      [1_234_567, '1,234,567'],
      [2.5, '3'],
      [1e12, '1,000,000,000,000'],
    ]);
  });

  describe('of events a second', () => {
    cases(eventRate, [
      [0, '0 Hz'],
      [0.4, '0 Hz'],
      [999, '999 Hz'],
      [999.4, '999 Hz'],
      [999.6, '1.0 kHz'],
      [1000, '1.0 kHz'],
      [12_345, '12.3 kHz'],
      [999_949, '999.9 kHz'],
      [999_950, '1.0 MHz'],
      [1e6, '1.0 MHz'],
      [12_340_000, '12.3 MHz'],
      [2e9, '2000.0 MHz'],
    ]);
  });

  describe('of bytes', () => {
    cases(size, [
      [0, '0.0 kB'],
      [500, '0.5 kB'],
      [999_949, '999.9 kB'],
      [999_950, '1.0 MB'],
      [1e6, '1.0 MB'],
      [41_300_000, '41.3 MB'],
      [999_950_000, '1.00 GB'],
      [1e9, '1.00 GB'],
      [2.345e9, '2.35 GB'],
      [999_995_000_000, '1.00 TB'],
      [1.5e12, '1.50 TB'],
    ]);
  });

  describe('of bytes a second', () => {
    cases(byteRate, [
      [0, '0.0 MB/s'],
      [49_000, '0.0 MB/s'],
      [50_001, '0.1 MB/s'],
      [12_340_000, '12.3 MB/s'],
    ]);
  });
});
