const unknown = '–';

/** `1.2 MHz`: events a second. */
export function hertz(value: number): string {
  return withPrefix(value, 'Hz');
}

/** `340 MB/s`. */
export function bytesPerSecond(value: number): string {
  return withPrefix(value, 'B/s');
}

export function bytes(value: number | null): string {
  return value === null ? unknown : withPrefix(value, 'B');
}

/** `12,345,678`. */
export function whole(value: number | null): string {
  return value === null ? unknown : wholes.format(Math.round(value));
}
const wholes = new Intl.NumberFormat('en');

/** `1 h 05 min`, `3 min 20 s`, `12 s`. */
export function duration(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (h >= 48) return `${Math.floor(h / 24)} d ${h % 24} h`;
  if (h > 0) return `${h} h ${two(m)} min`;
  return m > 0 ? `${m} min ${two(s)} s` : `${s} s`;
}

export function perCent(value: number | null): string {
  return value === null ? unknown : `${Math.round(value)} %`;
}

function withPrefix(value: number, unit: string): string {
  const magnitude = Math.abs(value);
  const [factor, prefix] = prefixes.find(([least]) => magnitude >= least) ?? [1, ''];
  const scaled = value / factor;
  return `${scaled >= 99.5 || factor === 1 ? Math.round(scaled) : scaled.toFixed(1)} ${prefix}${unit}`;
}
const prefixes: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
