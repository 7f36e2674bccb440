import { type Disposable, disposable } from '../base/disposable.js';

/** Counts the connections that have not yet said who they are: they cost the relay memory, so they are few. */
export class Strangers {
  private present = 0;

  constructor(private readonly limit: number) {}

  /** @returns what to dispose when the stranger is known or gone; undefined when there are too many */
  enter(): Disposable | undefined {
    if (this.present >= this.limit) return undefined;
    this.present++;
    return disposable(() => {
      this.present--;
    });
  }

  get size(): number {
    return this.present;
  }
}
