import { SitespanError } from './base/errors.js';
import { runKeeper } from './keeper/main.js';
import { runRelay } from './relay/main.js';
import { runDemo } from './terminal/demo.js';

const commands: Readonly<Record<string, (argv: readonly string[]) => Promise<number>>> = {
  demo: runDemo,
  relay: runRelay,
  keeper: runKeeper,
};

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  const command = commands[name];
  if (command === undefined) {
    console.error(`sitespan: no command ${name}; there are: ${Object.keys(commands).join(', ')}.`);
    return 2;
  }
  return command(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(SitespanError.is(error) ? `sitespan: ${error.message}` : error);
  process.exitCode = 1;
}
