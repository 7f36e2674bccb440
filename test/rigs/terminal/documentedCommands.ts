import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/**
 * The `sitespan` commands of a page, so that a test runs just what a reader types. What the page names by way of example is
 * replaced by what there is in the test, word by word, also behind a parameter's `NAME=`.
 */
export class DocumentedCommands {
  private constructor(
    private readonly page: string,
    private readonly lines: string[],
    private readonly places: Readonly<Record<string, readonly string[]>>,
  ) {}

  /** Takes them from the page's blocks of code; a `\` at a line's end goes on in the next. */
  static async read(page: string, places: Readonly<Record<string, readonly string[]>>): Promise<DocumentedCommands> {
    const text = await readFile(page, 'utf8');
    const blocks = [...text.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = '']) => block.replaceAll('\\\n', ' '));
    const lines = blocks.flatMap((block) => block.split('\n')).filter((line) => line.startsWith('sitespan '));
    return new DocumentedCommands(page, lines, places);
  }

  /** The arguments of the page's next command that begins so. Each is given once. */
  take(beginning: string): string[] {
    const at = this.lines.findIndex((line) => line.startsWith(`sitespan ${beginning}`));
    const [line] = at < 0 ? [] : this.lines.splice(at, 1);
    assert.ok(line !== undefined, `${this.page} has no (further) "sitespan ${beginning}"`);
    const [, ...words] = line
      .replace(/\s#.*$/, '')
      .trim()
      .split(/\s+/);
    return words.flatMap((word) => {
      const [, name = '', value = word] = /^(\w+=)?(.*)$/.exec(word) ?? [];
      const here = this.places[value];
      if (here === undefined) return [word];
      const [first = '', ...more] = here;
      return [`${name}${first}`, ...more];
    });
  }

  /** Those that nobody has taken. */
  get left(): readonly string[] {
    return this.lines;
  }
}
