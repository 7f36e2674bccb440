import { type Kernel, KernelManager, ServerConnection, SessionManager } from '@jupyterlab/services';
import type { JupyterAddress } from '../../../src/keeper/api.js';

/** Jupyter's own client library on a server, as the front ends that people use have it. */
export class FrontEnd {
  private readonly kernels: KernelManager;
  private readonly sessions: SessionManager;
  private readonly connections: Kernel.IKernelConnection[] = [];

  constructor({ url, token }: Pick<JupyterAddress, 'url' | 'token'>) {
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: url,
      wsUrl: url.replace(/^http/, 'ws'),
      token,
      appendToken: true,
    });
    this.kernels = new KernelManager({ serverSettings, standby: 'never' });
    this.sessions = new SessionManager({ serverSettings, kernelManager: this.kernels, standby: 'never' });
  }

  /** A new kernel of the server's own kind. */
  async start(): Promise<Kernel.IKernelConnection> {
    const kernel = await this.kernels.startNew();
    this.connections.push(kernel);
    return kernel;
  }

  /** A kernel as for a notebook, at a path below the server's root. */
  async startFor(path: string, name: string): Promise<Kernel.IKernelConnection> {
    const session = await this.sessions.startNew({ path, name: path, type: 'notebook', kernel: { name } });
    if (session.kernel === null) throw new Error(`the session of ${path} has no kernel`);
    this.connections.push(session.kernel);
    return session.kernel;
  }

  /** The ids of the kernels that run. */
  async running(): Promise<string[]> {
    await this.kernels.refreshRunning();
    return [...this.kernels.running()].map(({ id }) => id);
  }

  dispose(): void {
    for (const connection of this.connections) connection.dispose();
    this.sessions.dispose();
    this.kernels.dispose();
  }
}

/** Runs code in a kernel. @returns what it printed; @throws the code's own error */
export async function printed(kernel: Kernel.IKernelConnection, code: string): Promise<string> {
  const future = kernel.requestExecute({ code });
  let text = '';
  future.onIOPub = (message) => {
    if (message.header.msg_type === 'stream' && 'text' in message.content) text += message.content.text;
  };
  const { content } = await future.done;
  if (content.status !== 'ok') throw new Error(`the kernel answered ${JSON.stringify(content)}`);
  return text;
}
