import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { lineSink } from '../base/lineSink.js';
import { CertificateFiles } from './certificateFiles.js';
import { Relay } from './relay.js';
import { logLines } from './relayLog.js';
import { Tenants } from './tenants.js';

const usage = 'sitespan relay --tenants FILE --cert FILE --key FILE [--listen HOST:PORT]';

/**
 * The relay as a process of its own, until SIGTERM or SIGINT.
 *
 * Prints one line on stdout when it listens, then one JSON object a line on stderr for what happens.
 *
 * @returns the exit code
 * @throws SitespanError `usage`, `tenants-unreadable`, `relay-certificate`, `relay-listen`
 */
export async function runRelay(argv: readonly string[]): Promise<number> {
  const { host, port, tenants: tenantsFile, cert, key } = parseRelayArguments(argv);
  const log = logLines(lineSink(process.stderr.fd));
  const tenants = await Tenants.open(tenantsFile, (error) => {
    log({ event: 'tenants-unreadable', why: error instanceof Error ? error.message : String(error) });
  });
  const certificate = await CertificateFiles.open(cert, key, (error) => {
    if (error === undefined) log({ event: 'certificate-replaced' });
    else log({ event: 'certificate-unusable', why: error instanceof Error ? error.message : String(error) });
  });
  const relay = await Relay.listen(host, port, { certificate, tenants, log });
  // Many people's streams go through this process: one connection's mishap must not end it.
  const onUncaught = (error: unknown): void => {
    log({ event: 'internal-error', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  const signal = nextSignal();
  process.stdout.write(`sitespan relay listening on ${formatAddress(relay.host, relay.port)}\n`);
  log({ event: 'ended', signal: await signal });
  await relay.close();
  process.off('uncaughtException', onUncaught);
  process.off('unhandledRejection', onUncaught);
  return 0;
}

interface RelayArguments {
  readonly host: string;
  readonly port: number;
  readonly tenants: string;
  readonly cert: string;
  readonly key: string;
}

function parseRelayArguments(argv: readonly string[]): RelayArguments {
  const { listen, tenants, cert, key } = readOptions(argv);
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+):([0-9]{1,5})$/.exec(listen) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new SitespanError('usage', `--listen must be HOST:PORT, not ${listen}; ${usage}`);
  }
  if (tenants === undefined || cert === undefined || key === undefined) {
    throw new SitespanError('usage', `The relay needs --tenants, --cert and --key; ${usage}`);
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port), tenants, cert, key };
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        listen: { type: 'string', default: '127.0.0.1:8790' },
        tenants: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new SitespanError('usage', `${what.replace(/\.$/, '')}; ${usage}`, { cause });
  }
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
