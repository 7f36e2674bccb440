import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { socketPath } from '../../../src/base/runtimePaths.js';
import { KernelClient } from '../../../src/keeper/kernelClient.js';
import { scratchHome } from './scratchHome.js';

describe('KernelClient', function () {
  this.timeout(60_000);
  const home = scratchHome();
  let folder: string;
  let kernel: KernelClient;
  let host: Server | undefined;

  beforeEach(async () => {
    folder = join(home(), 'kernels', 'k1');
    await mkdir(folder, { recursive: true });
    kernel = await KernelClient.of(folder);
  });
  afterEach(async () => {
    kernel.dispose();
    await stop();
  });

  const serve = async (listener: RequestListener): Promise<void> => {
    const path = await socketPath(folder);
    await mkdir(dirname(path), { recursive: true });
    host = createServer(listener).listen(path);
    await once(host, 'listening');
  };
  const stop = async (): Promise<void> => {
    const stopping = host;
    host = undefined;
    if (stopping === undefined) return;
    stopping.closeAllConnections();
    await new Promise((resolve) => stopping.close(resolve));
  };
  /** Gives the record from the offset asked for, up to `end`, and then keeps the reader waiting. */
  const recordUpTo =
    (text: string, end: number): RequestListener =>
    (request, response) => {
      const offset = Number(new URL(request.url ?? '', 'http://kernel').searchParams.get('offset'));
      if (offset < end) response.end(text.slice(offset, end));
    };
  const text = '{"n":1}\n{"n":2}\n{"n":3}\n';
  /** What the wrapper around a kept child writes at its end. */
  const endHost = async (): Promise<void> => {
    await stop();
    await writeFile(join(folder, 'exit'), '0\n');
  };

  it('follows the record over a host that is away for a while, and to the end of the file when it has ended', async () => {
    await serve(recordUpTo(text, 8));
    let followed = '';
    for await (const chunk of kernel.follow(0, AbortSignal.timeout(50_000))) {
      followed += chunk;
      if (followed.length === 8) {
        await stop();
        setTimeout(() => void serve(recordUpTo(text, 16)), 300);
      } else if (followed.length === 16) {
        // Half a line is what a host that was killed leaves.
        await writeFile(join(folder, 'record.jsonl'), `${text}{"n":`);
        await endHost();
      }
    }
    assert.equal(followed, text);
  });

  it('stops following when it is told to', async () => {
    await serve(recordUpTo(text, 8));
    const stopped = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _ of kernel.follow(0, stopped.signal)) stopped.abort(new Error('enough'));
      },
      { message: 'enough' },
    );
  });

  it("passes on the host's own refusals", async () => {
    await serve((_, response) => {
      response.statusCode = 409;
      response.end('{"code":"no-input","message":"No cell of this kernel waits for input."}');
    });
    await assert.rejects(kernel.input('x'), { code: 'no-input' });
  });

  it('says that a host does not answer, and of one that has ended its last words', async () => {
    await assert.rejects(kernel.state(), {
      code: 'kernel-unreachable',
      message: /kernel k1 on this computer.*its log/,
    });
    await writeFile(join(folder, 'log'), 'first\nThe environment has no ipykernel\n');
    await endHost();
    await assert.rejects(kernel.answers(), { code: 'kernel-ended', message: /has ended: .*no ipykernel; its log is/ });
  });
});
