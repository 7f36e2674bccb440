/**
 * Remembers which preludes were used. A prelude is good for `skewMs` around the relay's clock, so one dated in the future
 * can come back for twice as long.
 */
export class Replays {
  /** In the order of use: the oldest is first. */
  private readonly used = new Map<string, number>();

  constructor(private readonly skewMs: number) {}

  /** @returns false when this mac was used before */
  use(mac: string, now: number): boolean {
    for (const [old, at] of this.used) {
      if (now - at <= 2 * this.skewMs) break;
      this.used.delete(old);
    }
    if (this.used.has(mac)) return false;
    this.used.set(mac, now);
    return true;
  }

  get size(): number {
    return this.used.size;
  }
}
