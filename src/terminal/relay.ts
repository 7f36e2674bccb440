import { SitespanError } from '../base/errors.js';
import { GivenArguments } from './givenArguments.js';
import { relayHelp } from './help/relayHelp.js';
import { untilStopped } from './untilStopped.js';

interface Action {
  readonly takes: readonly string[];
  readonly run: (given: GivenArguments, signal: AbortSignal) => Promise<number>;
}

const actions: Readonly<Record<string, Action>> = {
  deploy: {
    takes: ['--over-ssh', '--address', '--port', '--user', '--cert', '--key', '--renew', '--replace', '--ssh-config'],
    run: async (given, signal) => (await import('./relayDeploy.js')).relayDeploy(given, signal),
  },
  user: {
    takes: ['--tenants', '--host', '--ssh-config', '--out', '--json'],
    run: async (given, signal) => (await import('./relayUser.js')).relayUser(given, signal),
  },
  check: {
    takes: ['--relay-key', '--relay-ca', '--relay-name', '--tenant', '--json'],
    run: async (given, signal) => (await import('./relayCheck.js')).relayCheck(given, signal),
  },
};

/** `sitespan relay`: the relay itself, or what is done about one. */
export async function runRelayCommand(argv: readonly string[]): Promise<number> {
  const name = argv[0] ?? '';
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) return (await import('../relay/main.js')).runRelay(argv);
  const given = GivenArguments.read('relay', relayHelp, argv);
  const strange = relayHelp.options.find(({ flag }) => given.has(flag) && !action.takes.includes(flag));
  if (strange !== undefined) {
    throw new SitespanError(
      'usage',
      `"sitespan relay ${name}" takes no ${strange.flag}, but ${action.takes.join(', ')}.`,
    );
  }
  return untilStopped((signal) => action.run(given, signal));
}
