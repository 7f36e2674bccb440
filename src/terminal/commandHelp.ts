/** One option of a command, as its help and the shell's completion show it. */
export interface OptionHelp {
  /** `--json`, or `-p`. */
  readonly flag: string;
  /** What follows it, where something does: `NAME`. */
  readonly value?: string;
  readonly help: string;
}

/** What can be said of a command of the terminal without running it. */
export interface CommandHelp {
  /** One line, in the list of all commands. */
  readonly summary: string;
  /** Behind the command's name: `NAME [--json]`. */
  readonly usage: string;
  /** What a person must know beyond that; none where there is nothing. */
  readonly details?: string;
  readonly options: readonly OptionHelp[];
  /** A whole command line each, with what it does. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
}
