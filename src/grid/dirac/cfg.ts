import { SitespanError } from '../../base/errors.js';

/**
 * DIRAC's configuration: named sections within sections, and options, which are texts.
 *
 * Read as DIRAC's own reader does (`diraccfg`): a line is `Name`, `{`, `}`, `key = rest of the line` or `key += more`, which adds
 * to a list; braces may share a line with a name. Only a line that begins with `#` is a comment, and a quote is a letter
 * like any other.
 */
export class Cfg {
  private readonly texts = new Map<string, string>();
  private readonly within = new Map<string, Cfg>();

  /** @param where names the text in a sentence: a path, an address. @throws SitespanError `cfg-invalid` */
  static parse(text: string, where: string): Cfg {
    const root = new Cfg();
    const path = [root];
    let name = '';
    for (const [index, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line.startsWith('#')) continue;
      const wrong = (what: string): SitespanError =>
        new SitespanError('cfg-invalid', `${where} is no configuration of DIRAC's: ${what} (line ${index + 1}).`);
      const [, structure = '', key = '', sign, value = ''] = /^([^=]*[{}])?([^={}]*?)(?:(\+?=)(.*))?$/.exec(line) ?? [];
      for (const [, before = '', brace] of structure.matchAll(/([^{}]*)([{}])/g)) {
        name += before;
        if (brace === '{') {
          path.push(at(path).opened(name.trim(), wrong));
          name = '';
        } else if (path.length === 1) throw wrong('a section ends that never began');
        else path.pop();
      }
      if (sign === undefined) name += key;
      else {
        at(path).set(key.trim(), sign, value.trim(), wrong);
        name = '';
      }
    }
    if (path.length === 1) return root;
    throw new SitespanError(
      'cfg-invalid',
      `${where} is no whole configuration of DIRAC's: a section in it does not end.`,
    );
  }

  /** Names of the sections, and of the options, in it, in order. */
  get sections(): readonly string[] {
    return [...this.within.keys()];
  }

  get options(): readonly string[] {
    return [...this.texts.keys()];
  }

  /** A section below this one: `Systems/WorkloadManagement`. */
  section(...names: readonly string[]): Cfg | undefined {
    return names.reduce<Cfg | undefined>((section, name) => section?.within.get(name), this);
  }

  option(name: string): string | undefined {
    return this.texts.get(name);
  }

  /** What lies between its commas; nothing where there is no such option. */
  list(name: string): readonly string[] {
    return (this.texts.get(name) ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  }

  private opened(name: string, wrong: (what: string) => SitespanError): Cfg {
    if (name === '') throw wrong('a section has no name');
    const section = this.within.get(name) ?? new Cfg();
    this.within.set(name, section);
    return section;
  }

  private set(name: string, sign: string, value: string, wrong: (what: string) => SitespanError): void {
    if (name === '') throw wrong('an option has no name');
    const before = sign === '+=' ? this.texts.get(name) : undefined;
    this.texts.set(name, before === undefined ? value : `${before}, ${value}`);
  }
}

/** The section that is open. */
function at(path: readonly Cfg[]): Cfg {
  const last = path.at(-1);
  if (last === undefined) throw new RangeError('no section is open');
  return last;
}
