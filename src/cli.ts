import { SitespanError } from './base/errors.js';
import { storageTrouble } from './base/storageTrouble.js';
import { runBench } from './bench/main.js';
import { runKeeper } from './keeper/main.js';
import { runRelay } from './relay/main.js';
import { runAttach } from './terminal/attach.js';
import { runDown, runList, runStatus } from './terminal/clusterCommands.js';
import { runDemo } from './terminal/demo.js';
import { runEnsure } from './terminal/ensure.js';
import { environmentsHelp, runEnvironments } from './terminal/environments.js';
import { runRun } from './terminal/run.js';

interface Command {
  readonly run: (argv: readonly string[]) => Promise<number>;
  /** One line of help; none for what only our own programs start. */
  readonly help?: string;
}

const commands: Readonly<Record<string, Command>> = {
  demo: { run: runDemo, help: 'run the ttbar analysis on this computer, through the relay (npm start)' },
  list: { run: runList, help: '[--json]  the clusters of this computer' },
  status: { run: runStatus, help: 'NAME [--json]  one cluster as it is now' },
  down: { run: runDown, help: 'NAME  end a cluster and all of it' },
  environments: { run: runEnvironments, help: `${environmentsHelp.usage}  ${environmentsHelp.summary}` },
  run: { run: runRun, help: 'FILE [--cluster NAME] [-p NAME=VALUE]… [--detach]  run a notebook or Python file' },
  attach: { run: runAttach, help: '[CLUSTER | CLUSTER/KERNEL]  show what a kernel does' },
  relay: {
    run: runRelay,
    help: '--tenants FILE --cert FILE --key FILE [--listen HOST:PORT]  a relay for many clusters',
  },
  bench: {
    run: runBench,
    help: 'transport | sequence | counters  what the relay costs, that it loses nothing, what counting costs',
  },
  keeper: { run: runKeeper },
  ensure: { run: runEnsure },
};

function usage(): string {
  const lines = Object.entries(commands).flatMap(([name, { help }]) =>
    help === undefined ? [] : `  ${name.padEnd(8)}${help}`,
  );
  return `sitespan COMMAND\n\n${lines.join('\n')}\n\nExit codes: 0 done, 1 failed, 2 asked wrongly, 130 stopped by Ctrl-C.`;
}

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (['help', '--help', '-h'].includes(name)) {
    console.log(usage());
    return 0;
  }
  const command = commands[name];
  if (command === undefined) {
    console.error(`sitespan: there is no command ${name}.\n\n${usage()}`);
    return 2;
  }
  return command.run(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (raw) {
  const error = storageTrouble(raw, 'Something could not be written') ?? raw;
  const wrongArguments =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(SitespanError.is(error) || wrongArguments ? `sitespan: ${error.message}` : error);
  process.exitCode = wrongArguments || SitespanError.is(error, 'usage') ? 2 : 1;
}
