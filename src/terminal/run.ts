import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { calls } from '../keeper/api.js';
import { KeeperClient } from '../keeper/client.js';
import { KernelClient, type QueuedNotebook } from '../keeper/kernelClient.js';
import type { QueuedNotebooks } from '../notebook/queuedNotebooks.js';
import type { RecordLine } from '../notebook/recordLines.js';
import { chosenCluster, kernelNamed } from './chosenKernel.js';
import { KernelView } from './kernelView.js';
import { print } from './print.js';
import { type RunOrder, readRunOrder } from './runOrder.js';

const endSeconds = 60;

/** `sitespan run FILE`. @returns the exit code of the notebook */
export async function runRun(argv: readonly string[]): Promise<number> {
  const order = await readRunOrder(argv);
  const folder = await chosenCluster(order.cluster, 'say which: sitespan run --cluster NAME …');
  const stopping = new Stopping();
  try {
    const kernel =
      order.kernel === undefined ? await startKernel(folder, order) : await kernelNamed(folder, order.kernel);
    try {
      return await new Run(order, kernel, `${basename(folder.path)}/${kernel.id}`, stopping).run();
    } finally {
      kernel.dispose();
    }
  } finally {
    stopping.dispose();
  }
}

async function startKernel(
  folder: Awaited<ReturnType<typeof chosenCluster>>,
  { path, coffeaCasa }: RunOrder,
): Promise<KernelClient> {
  const keeper = await KeeperClient.connect(folder, (error) => {
    throw error;
  });
  try {
    const kernel = await keeper.call(calls.startKernel, { cwd: dirname(path), coffeaCasa });
    return await KernelClient.of(kernel.folder);
  } finally {
    keeper.dispose();
  }
}

/** What Ctrl-C means at the moment; it counts how often it was pressed. */
class Stopping {
  pressed = 0;
  act: (times: number) => void = () => undefined;
  private readonly listener = (): void => {
    this.pressed += 1;
    this.act(this.pressed);
  };

  constructor() {
    process.on('SIGINT', this.listener);
  }

  dispose(): void {
    process.off('SIGINT', this.listener);
  }
}

class Run {
  private readonly id = `run-${randomBytes(4).toString('hex')}`;
  private readonly isOurKernel: boolean;

  constructor(
    private readonly order: RunOrder,
    private readonly kernel: KernelClient,
    private readonly address: string,
    private readonly stopping: Stopping,
  ) {
    this.isOurKernel = order.kernel === undefined;
  }

  async run(): Promise<number> {
    let from: number;
    let queued: QueuedNotebook;
    try {
      const starting = new AbortController();
      this.stopping.act = () => starting.abort(new SitespanError('stopped', 'Stopped before a cell ran.'));
      if (this.stopping.pressed > 0) this.stopping.act(this.stopping.pressed);
      from = (await this.kernel.answers(starting.signal)).offset;
      queued = await this.queue(starting.signal);
    } catch (error) {
      if (this.isOurKernel) await this.endKernel();
      if (!SitespanError.is(error, 'stopped')) throw error;
      print(error.message);
      return 130;
    }
    const { order, address } = this;
    print(`${basename(order.path)} runs in ${address}: ${queued.cells.length} cells.`);
    if (!order.detach) return this.follow(from);
    print(`Executed notebook, as it goes: ${order.save}`);
    print(`Look again with: sitespan attach ${address}`);
    if (this.isOurKernel) print(`End the kernel when it is done with: sitespan attach ${address} --shutdown`);
    return 0;
  }

  private async queue(signal: AbortSignal): Promise<QueuedNotebook> {
    const { path, script, save, parameters } = this.order;
    const file = script === undefined ? path : join(this.kernel.folder, `${this.id}.ipynb`);
    if (script !== undefined) await writeAtomically(file, script);
    const queued = await this.kernel.notebook({ id: this.id, path: file, save, parameters }, signal);
    await this.checkParameters(queued);
    return queued;
  }

  /** A host from before there were parameters passes them over. */
  private async checkParameters(queued: QueuedNotebook): Promise<void> {
    const { parameters, hasInjected, cells } = this.order;
    if (Object.keys(parameters).length === 0 || hasInjected || queued.cells.length > cells) return;
    await this.kernel.interrupt();
    throw new SitespanError(
      'parameters-unknown',
      `The kernels of this cluster are of an earlier Sitespan, which knows no parameters; end ${this.address.split('/')[0]} and make it again.`,
    );
  }

  private async follow(from: number): Promise<number> {
    const { kernel, address, id, stopping } = this;
    const shows = (line: RecordLine, notebooks: QueuedNotebooks): boolean => {
      if (line.cell !== null) return notebooks.cell(line.cell)?.run === id || line.type === 'update_display_data';
      // What is said at the start was said above.
      return !('event' in line) || line.event !== 'notebook-queued';
    };
    const view = new KernelView(kernel, { address, from, showFrom: from, shows });
    stopping.act = (times) => {
      if (times > 1) view.stop();
      else {
        view.note('Interrupting the running cell; the rest is given up. Ctrl-C again only stops looking.');
        // Where it has ended meanwhile there is nothing to interrupt.
        kernel.interrupt().catch(() => undefined);
      }
    };
    if (stopping.pressed > 0) stopping.act(stopping.pressed);
    try {
      await view.until(() => view.notebooks.run(id)?.status !== 'running' && view.notebooks.run(id) !== undefined);
    } catch (error) {
      if (!SitespanError.is(error, 'stopped') && !SitespanError.is(error, 'output-closed')) throw error;
      const sentence = `${address} goes on without this terminal; look again with: sitespan attach ${address}`;
      if (SitespanError.is(error, 'stopped')) view.note(sentence);
      else process.stderr.write(`${sentence}\n`);
      return 130;
    }
    return this.conclude(view);
  }

  private async conclude(view: KernelView): Promise<number> {
    const { order, kernel, address, id, isOurKernel } = this;
    const failure = await kernel.state().then(
      (state) => state.notebooks[id]?.failure ?? undefined,
      () => undefined,
    );
    print(summary(view.notebooks, id));
    print(failure ?? `Executed notebook: ${order.save}`);
    if (isOurKernel && !order.keep) await this.endKernel();
    else if (isOurKernel) {
      print(`The kernel ${address} stays; end it with: sitespan attach ${address} --shutdown`);
    }
    if (this.stopping.pressed > 0) return 130;
    return failure === undefined && view.notebooks.run(id)?.status === 'done' ? 0 : 1;
  }

  private endKernel(): Promise<void> {
    return endKernel(this.kernel, this.address);
  }
}

/** Ends a kernel and waits for it; one that has ended already is no failure. @throws SitespanError `deadline` */
export async function endKernel(kernel: KernelClient, address: string): Promise<void> {
  if (await kernel.hasEnded()) return;
  try {
    await kernel.shutdown();
  } catch (error) {
    if (!SitespanError.is(error, 'kernel-unreachable')) throw error;
  }
  await until(() => kernel.hasEnded(), { timeoutMs: endSeconds * 1000, what: `The end of kernel ${address}` });
}

/** What ran of a notebook, in a sentence or two. */
export function summary(notebooks: QueuedNotebooks, id: string): string {
  const cells = notebooks.cells.filter(({ run }) => run === id);
  const number = (status: string): number => cells.filter((cell) => cell.status === status).length;
  const failed = cells.find(({ status }) => status === 'failed');
  const said = [`${number('done')} of ${cells.length} cells done.`];
  if (failed !== undefined) {
    const skipped = number('skipped');
    const after = skipped === 0 ? '' : ` ${skipped} after it ${skipped === 1 ? 'was' : 'were'} skipped.`;
    said.unshift(`Cell [${failed.number}/${cells.length}] ${failed.name} failed.${after}`);
  }
  return said.join(' ');
}
