import { SitespanError } from '../base/errors.js';
import { commands, isCommand } from './commands.js';
import { helpText, overview } from './helpText.js';

/** `sitespan help [COMMAND]`. */
export function runHelp(argv: readonly string[]): number {
  const [name, ...more] = argv;
  if (more.length > 0) throw new SitespanError('usage', 'It is: sitespan help [COMMAND]');
  if (name !== undefined && !isCommand(name)) throw unknownCommand(name);
  process.stdout.write(name === undefined ? overview(commands) : helpText(name, commands[name]));
  return 0;
}

/** What is thrown for a command that there is not, with the likeliest one that was meant. */
export function unknownCommand(name: string): SitespanError {
  const near = Object.keys(commands).find((one) => one.startsWith(name) || distance(one, name) <= 2);
  const meant = near === undefined ? '"sitespan help" shows all.' : `Did you mean "sitespan ${near}"?`;
  return new SitespanError('usage', `There is no command ${name}. ${meant}`);
}

/** How many letters must be changed, put in or taken out (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
