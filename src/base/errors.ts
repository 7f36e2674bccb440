/** What a person can do about an error: a command, and the words on its button. */
export interface Remedy {
  readonly command: string;
  readonly label: string;
  /** What the command is called with; nothing unless told otherwise. */
  readonly arguments?: readonly unknown[];
}

/**
 * Every failure that a person may see. `code` is stable and searchable; `message` is one sentence that says
 * what failed, where, and on which side; the rest is for the log.
 */
export class SitespanError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: { readonly remedy?: Remedy; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'SitespanError';
  }

  static is(error: unknown, code?: string): error is SitespanError {
    return error instanceof SitespanError && (code === undefined || error.code === code);
  }
}
