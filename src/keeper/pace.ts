interface Asked {
  readonly at: number;
  readonly failure: { readonly error: unknown } | undefined;
}

/** Questions that are asked again and again, each no more often than the one asked wants to be. */
export class Pace {
  private readonly asked = new Map<string, Asked>();

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * Asks, unless that was done less than `everyMs` ago.
   *
   * @throws what the question failed with, until it has been asked again: trouble does not pass by not looking.
   */
  async ask(question: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    const last = this.asked.get(question);
    if (last !== undefined && this.now() - last.at < everyMs) {
      if (last.failure !== undefined) throw last.failure.error;
      return;
    }
    try {
      await work();
      this.asked.set(question, { at: this.now(), failure: undefined });
    } catch (error) {
      this.asked.set(question, { at: this.now(), failure: { error } });
      throw error;
    }
  }

  /** The question has been answered for good. */
  forget(question: string): void {
    this.asked.delete(question);
  }
}
