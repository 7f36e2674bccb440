import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import type { CommandHelp } from './commandHelp.js';

/**
 * What a command was given, read by its own help: so no option is understood that the help does not tell of, and none told
 * of that is not understood.
 */
export class GivenArguments {
  private readonly texts = new Map<string, readonly string[]>();

  private constructor(
    private readonly usage: string,
    /** Those that are no options, in order. */
    readonly words: readonly string[],
    values: Readonly<Record<string, unknown>>,
  ) {
    for (const [name, value] of Object.entries(values)) {
      this.texts.set(name, (Array.isArray(value) ? value : [value]).map(String));
    }
  }

  /** @throws SitespanError `usage` */
  static read(name: string, help: CommandHelp, argv: readonly string[]): GivenArguments {
    const usage = `sitespan ${name} ${help.usage}`;
    const options = help.options.map(({ flag, short, value, many }) => [
      flag.replace(/^--/, ''),
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: many === true,
        ...(short === undefined ? {} : { short: short.slice(1) }),
      },
    ]);
    try {
      const { values, positionals } = parseArgs({
        args: [...argv],
        options: Object.fromEntries(options),
        allowPositionals: true,
      });
      return new GivenArguments(usage, positionals, values);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new SitespanError('usage', `${error.message.replace(/\.$/, '')}. It is: ${usage}`, { cause: error });
    }
  }

  has(flag: string): boolean {
    return this.texts.has(flag.slice(2));
  }

  /** The value of an option; of several the last. */
  text(flag: string): string | undefined {
    return this.all(flag).at(-1);
  }

  all(flag: string): readonly string[] {
    return this.texts.get(flag.slice(2)) ?? [];
  }

  /**
   * Just so many words.
   *
   * @throws SitespanError `usage`
   */
  exactly(count: number): readonly string[] {
    if (this.words.length !== count) throw this.wrong();
    return this.words;
  }

  /** What is thrown when words are missing, or there are too many. */
  wrong(): SitespanError {
    return new SitespanError('usage', `It is: ${this.usage}`);
  }
}
