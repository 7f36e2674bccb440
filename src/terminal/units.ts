/** 1234567 → `1,234,567`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Events a second in the field's unit: `850 Hz`, `12.4 kHz`, `1.2 MHz`. */
export function eventRate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} MHz`;
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toFixed(1)} kHz`;
  return `${perSecond.toFixed(0)} Hz`;
}

/** Bytes in decimal units, as storage counts them: `41.3 MB`. */
export function size(bytes: number): string {
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(2)} TB`;
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e3).toFixed(1)} kB`;
}

export function byteRate(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(1)} MB/s`;
}
