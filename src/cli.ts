import { SitespanError } from './base/errors.js';
import { isSystemError } from './base/systemError.js';
import { type commands, isCommand } from './terminal/commands.js';
import { loadCommand, type RunCommand } from './terminal/loadCommand.js';

/** What only our own programs and the shell start. */
const hidden: Readonly<Record<string, () => Promise<RunCommand>>> = {
  keeper: async () => (await import('./keeper/main.js')).runKeeper,
  ensure: async () => (await import('./terminal/ensure.js')).runEnsure,
  'complete-words': async () => (await import('./terminal/completeWords.js')).runCompleteWords,
};

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  const load = Object.hasOwn(hidden, name) ? hidden[name] : undefined;
  if (load !== undefined) return (await load())(rest);
  if (['help', '--help', '-h'].includes(name)) return (await loadCommand.help())(rest);
  if (!isCommand(name)) throw (await import('./terminal/helpCommand.js')).unknownCommand(name);
  if (asksForHelp(name, rest)) return (await loadCommand.help())([name]);
  return (await loadCommand[name]())(rest);
}

/** What follows `--` is for the program that is run; each bench has options and a help of its own. */
function asksForHelp(name: keyof typeof commands, rest: readonly string[]): boolean {
  const own = name === 'bench' ? rest.slice(0, 1) : rest.slice(0, rest.includes('--') ? rest.indexOf('--') : undefined);
  return own.includes('--help') || own.includes('-h');
}

async function say(raw: unknown): Promise<void> {
  const { storageTrouble } = await import('./base/storageTrouble.js');
  const error = storageTrouble(raw, 'Something could not be written') ?? raw;
  const wrongArguments =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(SitespanError.is(error) || wrongArguments ? `sitespan: ${error.message}` : error);
  process.exitCode = wrongArguments || SitespanError.is(error, 'usage') ? 2 : 1;
}

// Whoever reads our output may have seen enough (`sitespan list | head -1`): that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!isSystemError(error, 'EPIPE')) throw error;
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  await say(error);
}
