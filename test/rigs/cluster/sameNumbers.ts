import assert from 'node:assert/strict';

/** What two runs of the example must agree on: integers equal, floats within a relative 1e-9 of the largest beside them. */
export function assertSameNumbers(a: unknown, b: unknown, where = ''): void {
  if (Array.isArray(a) && Array.isArray(b)) {
    assert.equal(a.length, b.length, where);
    const scale = Math.max(0, ...[...a, ...b].map((value) => Math.abs(Number(value)))) * 1e-9;
    for (const [index, value] of a.entries()) {
      assert.ok(Math.abs(value - b[index]) <= scale, `${where}[${index}]: ${value}, ${b[index]}`);
    }
  } else if (isRecord(a) && isRecord(b)) {
    assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort(), where);
    for (const name of Object.keys(a)) assertSameNumbers(a[name], b[name], `${where}.${name}`);
  } else if (typeof a === 'number' && typeof b === 'number' && !(Number.isInteger(a) && Number.isInteger(b))) {
    assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)), `${where}: ${a}, ${b}`);
  } else {
    assert.equal(a, b, where);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
