import assert from 'node:assert/strict';
import type { TransportMeasure, TransportRounds } from '../../../src/bench/transportMeasure.js';
import { reportOf } from '../../../src/bench/transportReport.js';

const measure = (change: Partial<TransportMeasure> = {}): TransportMeasure => ({
  taskCpuMs: 2,
  taskRelayMs: 0,
  taskWallMs: 2,
  endsCpuPerGb: 2,
  relayCpuPerGb: 0,
  megabytesPerSecond: 400,
  tripP50Us: 300,
  tripP99Us: 900,
  connectsPerSecond: 100,
  relayMegabytes: 0,
  ...change,
});
const occasion = { machine: '2 cores', command: 'sitespan bench transport', date: '2026-11-23' };

describe('reportOf', () => {
  const rounds: TransportRounds = {
    relay: [measure({ taskCpuMs: 1.5, endsCpuPerGb: 3 }), measure({ taskCpuMs: 1, endsCpuPerGb: 3 })],
    'relay-once': [measure(), measure()],
    tls: [measure(), measure()],
    tcp: [measure(), measure()],
  };
  const report = reportOf(rounds, occasion).join('\n');

  it('says when, where and how it was measured', () => {
    assert.match(report, /^2026-11-23, 2 cores; `sitespan bench transport`; 2 rounds/);
  });

  it('gives medians with their ratio to tls of the same rounds', () => {
    assert.match(report, /CPU ms a task \| 1\.250 \(0\.63\) \| 2\.000 \(1\.00\) \| 2\.000 \| 2\.000 \(1\.00\) \|/);
  });

  it('says of each aim whether it was met, with what was seen at least and at most', () => {
    assert.match(report, /CPU a task, relay \/ tls \| 0\.63 \| 0\.50 … 0\.75 \| 1\.00 \| met \|/);
    assert.match(report, /ends' CPU a GB, relay \/ tls \| 1\.50 \| 1\.50 … 1\.50 \| 1\.25 \| not met \|/);
  });
});
