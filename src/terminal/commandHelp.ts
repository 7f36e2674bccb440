/** What the shell can complete a word with: names of ours, or one of a few words. */
export type Completes =
  | 'cluster'
  | 'pool'
  | 'worker'
  | 'site'
  | 'kernel'
  | 'grid'
  | 'command'
  | 'path'
  | 'nothing'
  | readonly string[];

/** One option of a command, as its help and the shell's completion show it. */
export interface OptionHelp {
  /** `--json`, or `-p`. */
  readonly flag: string;
  /** Another way to write it: `-f`. */
  readonly short?: string;
  /** What follows it, where something does: `NAME`. */
  readonly value?: string;
  /** Whether it may be given more than once. */
  readonly many?: boolean;
  readonly help: string;
  /** Where a value follows; a path unless told otherwise. */
  readonly completes?: Completes;
}

/** What can be said of a command of the terminal without running it. */
export interface CommandHelp {
  /** One line, in the list of all commands. */
  readonly summary: string;
  /** Behind the command's name: `NAME [--json]`. */
  readonly usage: string;
  /** What a person must know beyond that; none where there is nothing. */
  readonly details?: string;
  /** Its words that are no options, in order; the last may come again. */
  readonly words?: readonly Completes[];
  readonly options: readonly OptionHelp[];
  /** A whole command line each, with what it does. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** What its exit codes mean, where that is more than the usual. */
  readonly exits?: Readonly<Record<number, string>>;
}

/** What exit codes mean unless a command says otherwise. */
export const usualExits: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'failed',
  2: 'asked wrongly',
  130: 'stopped by Ctrl-C',
};
