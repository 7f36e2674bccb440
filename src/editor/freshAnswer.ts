import { SitespanError } from '../base/errors.js';

/**
 * An answer that is asked for again when the state has changed that it belongs to; one call at a time, and again at once
 * where another state came meanwhile. Where a call fails, the last answer stays, with why it is not of now.
 */
export class FreshAnswer<State, Answer> {
  private known: Answer | undefined;
  private failure: SitespanError | undefined;
  /** The state that was asked after; a box, since a state may be undefined. */
  private after: { readonly state: State } | undefined;
  private latest: { readonly state: State } | undefined;
  private asking = false;

  /**
   * @param ask must not throw, but may reject
   * @param onAnswered when an answer, or why there is none, has come; nothing is asked again where it returns false
   */
  constructor(
    private readonly ask: () => Promise<Answer>,
    private readonly onAnswered: () => boolean,
  ) {}

  /** Undefined until the first has come. */
  get answer(): Answer | undefined {
    return this.known;
  }

  /** Why the newest is not known. */
  get trouble(): SitespanError | undefined {
    return this.failure;
  }

  /** Asks, unless it was asked after this very state. */
  refresh(state: State): void {
    this.latest = { state };
    if (this.asking || (this.after !== undefined && this.after.state === state)) return;
    this.asking = true;
    this.after = { state };
    this.ask()
      .then((answer) => {
        this.known = answer;
        this.failure = undefined;
      })
      .catch((error: unknown) => {
        this.failure = SitespanError.is(error) ? error : new SitespanError('failed', String(error));
      })
      .finally(() => {
        this.asking = false;
        if (this.onAnswered() && this.latest !== undefined) this.refresh(this.latest.state);
      });
  }
}
