/** 1234567 → `1,234,567`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

type Unit = readonly [of: number, digits: number, name: string];

const hertz: readonly Unit[] = [
  [1, 0, 'Hz'],
  [1e3, 1, 'kHz'],
  [1e6, 1, 'MHz'],
];
const bytes: readonly Unit[] = [
  [1e3, 1, 'kB'],
  [1e6, 1, 'MB'],
  [1e9, 2, 'GB'],
  [1e12, 2, 'TB'],
];

/** Events a second in the field's unit: `850 Hz`, `12.4 kHz`, `1.2 MHz`. */
export function eventRate(perSecond: number): string {
  return inUnits(perSecond, hertz);
}

/** Bytes in decimal units, as storage counts them: `41.3 MB`. */
export function size(count: number): string {
  return inUnits(count, bytes);
}

export function byteRate(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(1)} MB/s`;
}

/** In the first unit in which it stays below 1000 when it is rounded, else in the last. */
function inUnits(value: number, units: readonly Unit[]): string {
  const texts = units.map(([of, digits, name]) => ({ number: (value / of).toFixed(digits), name }));
  const fitting = texts.find(({ number }) => Number(number) < 1000) ?? texts.at(-1);
  return fitting === undefined ? '' : `${fitting.number} ${fitting.name}`;
}
