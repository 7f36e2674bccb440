import { connect } from 'node:net';
import { SitespanError } from '../base/errors.js';
import { withDeadline } from '../base/waiting.js';

/** The address of somebody's Dask scheduler, taken apart. */
export interface SchedulerAddress {
  /** As Dask writes it: `tcp://host:8786`. */
  readonly text: string;
  readonly protocol: 'tcp' | 'tls' | 'ws' | 'wss';
  readonly host: string;
  readonly port: number;
}

const protocols: readonly string[] = ['tcp', 'tls', 'ws', 'wss'];
const defaultPort = 8786;
const timeoutMs = 10_000;

/** @returns undefined for what is no address of a scheduler; `host`, `host:port` and the protocols of Dask are */
export function parseSchedulerAddress(text: string): SchedulerAddress | undefined {
  const match = /^(?:([a-z]+):\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/.exec(text.trim());
  const protocol = match?.[1] ?? 'tcp';
  const host = match?.[2];
  const port = Number(match?.[3] ?? defaultPort);
  if (host === undefined || port < 1 || port > 65_535 || !isProtocol(protocol)) return undefined;
  return { text: `${protocol}://${host}:${port}`, protocol, host: host.replaceAll(/[[\]]/g, ''), port };
}

/**
 * Makes sure that something takes connections there from this computer. Who it is only shows to a client with the right keys.
 *
 * @throws SitespanError `scheduler-unreachable`, `deadline`; the signal's reason
 */
export async function checkScheduler({ text, host, port }: SchedulerAddress, signal?: AbortSignal): Promise<void> {
  await withDeadline(
    (within) =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ host, port });
        within.addEventListener('abort', () => socket.destroy(), { once: true });
        socket.once('connect', () => {
          socket.destroy();
          resolve();
        });
        socket.once('error', (cause: Error & { readonly code?: string }) => {
          const why = cause.code ?? cause.message;
          reject(
            new SitespanError(
              'scheduler-unreachable',
              `Nothing answers at ${text} from this computer (${why}); see that the scheduler runs and that its port can be reached from here.`,
              { cause },
            ),
          );
        });
      }),
    { timeoutMs, what: `The answer of the scheduler at ${text}`, signal },
  );
}

function isProtocol(text: string): text is SchedulerAddress['protocol'] {
  return protocols.includes(text);
}
