import { basename, join } from 'node:path';
import { Agent, buildConnector, request } from 'undici';
import { z } from 'zod';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { socketPath } from '../base/runtimePaths.js';
import { withDeadline } from '../base/waiting.js';

const hostError = z.object({ code: z.string(), message: z.string() });

export interface HostRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

/** The unix socket of a kernel's host, wherever it lies: it moves when the computer removes its folder. */
export class HostSocket implements Disposable {
  private readonly agent: Agent;

  /** @param folder the kernel's */
  constructor(private readonly folder: string) {
    this.agent = new Agent({
      // Asked for each connection.
      connect: (options, callback) => {
        socketPath(folder).then(
          (path) => buildConnector({ socketPath: path })(options, callback),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
      // One waits for the record's next line, the others ask.
      connections: 4,
    });
  }

  /** @throws SitespanError `kernel-unreachable`, `deadline`, the host's own refusal; the signal's reason */
  request({ method, path, body, seconds, signal }: HostRequest): Promise<Buffer> {
    return withDeadline(
      async (within) => {
        const unlessAborted = (cause: unknown): never => {
          within.throwIfAborted();
          throw this.unreachable(cause);
        };
        const answer = await request(`http://kernel${path}`, {
          dispatcher: this.agent,
          method,
          signal: within,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        }).catch(unlessAborted);
        // A host that is killed may leave half an answer.
        const said = Buffer.from(await answer.body.arrayBuffer().catch(unlessAborted));
        if (answer.statusCode === 200) return said;
        const { code, message } = hostError.parse(JSON.parse(said.toString()));
        throw new SitespanError(code, message);
      },
      { timeoutMs: seconds * 1000, what: `The answer of kernel ${basename(this.folder)} on this computer`, signal },
    );
  }

  unreachable(cause?: unknown): SitespanError {
    return new SitespanError(
      'kernel-unreachable',
      `The host of kernel ${basename(this.folder)} on this computer does not answer; its log is ${join(this.folder, 'log')}.`,
      { cause },
    );
  }

  dispose(): void {
    this.agent.destroy().catch(() => undefined);
  }
}
