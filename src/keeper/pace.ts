interface Asked {
  readonly at: number;
  /** What it failed with, and how often in a row. */
  readonly failure: { readonly error: unknown; readonly times: number } | undefined;
}

/** One that fails is asked more and more seldom, but never less often than that, or than it wants to be. */
const longestMs = 30_000;
/** And not so seldom that its return goes unnoticed for long. */
const mostTimes = 8;

/** Questions that are asked again and again, each no more often than the one asked wants to be, and less often while it fails. */
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
    if (last !== undefined && this.now() - last.at < pauseMs(everyMs, last)) {
      if (last.failure !== undefined) throw last.failure.error;
      return;
    }
    try {
      await work();
      this.asked.set(question, { at: this.now(), failure: undefined });
    } catch (error) {
      const times = (last?.failure?.times ?? 0) + 1;
      this.asked.set(question, { at: this.now(), failure: { error, times } });
      throw error;
    }
  }

  /** What comes next must not wait: each question is asked at once. */
  hurry(): void {
    this.asked.clear();
  }

  /** The question has been answered for good. */
  forget(question: string): void {
    this.asked.delete(question);
  }
}

function pauseMs(everyMs: number, { failure }: Asked): number {
  if (failure === undefined) return everyMs;
  return Math.max(everyMs, Math.min(longestMs, everyMs * Math.min(mostTimes, 2 ** (failure.times - 1))));
}
