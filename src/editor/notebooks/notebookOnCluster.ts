import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { SitespanError } from '../../base/errors.js';
import { Turns } from '../../base/turns.js';
import { until } from '../../base/waiting.js';
import { calls, type KernelSnapshot } from '../../keeper/api.js';
import { KernelClient } from '../../keeper/kernelClient.js';
import { LiveRuns } from '../../notebook/liveRuns.js';
import { aboutCluster, ofState } from '../troubles.js';
import { placeOf } from './cellPlaces.js';
import { InputBox } from './inputBox.js';
import type { NotebooksWindow } from './notebooksWindow.js';
import { codeCells } from './openCells.js';
import { nameOf } from './openNotebooks.js';
import { ShownRuns } from './shownRuns.js';

/** What a kernel that was restarted had to run has ended by then. */
const quietMs = 10_000;

/** A kernel that is followed. */
interface Followed {
  readonly id: string;
  readonly client: KernelClient;
  readonly runs: LiveRuns;
  /** Whether all is known that was in its record when it was first looked at: what is old is then shown at once. */
  caughtUp: boolean;
}

/**
 * A notebook of this window and its kernel on a cluster. What the cells show is the kernel's record, which its host keeps:
 * so a window that was reloaded shows all again, and two windows show the same. It ends nothing when it goes.
 */
export class NotebookOnCluster implements Disposable {
  private readonly shown: ShownRuns;
  private readonly input: InputBox;
  private readonly heard: Disposable;
  private followed: Followed | undefined;
  private following: Promise<void> | undefined;
  private readonly turns = new Turns();
  /** Until an interrupt, also of what the kernel has not been asked for yet. */
  private asking = new AbortController();
  /** The last trouble with a record that was shown. */
  private told: SitespanError | undefined;
  private disposed = false;

  constructor(
    private readonly window: NotebooksWindow,
    readonly cluster: string,
    readonly notebook: vscode.NotebookDocument,
    controller: vscode.NotebookController,
    private readonly onError: (error: unknown) => void,
  ) {
    const again = (): void => {
      if (this.followed !== undefined) this.show(this.followed);
    };
    this.shown = new ShownRuns(notebook, controller, again, onError);
    const answer = async (line: string): Promise<void> => this.followed?.client.input(line);
    this.input = new InputBox(() => this.name, answer, onError);
    this.heard = window.fleet.onDidChange(() => this.look());
    this.look();
  }

  /** What a person calls it. */
  get name(): string {
    return nameOf(this.notebook.uri);
  }

  /** Its kernel, as the keeper has it; the last one where it has ended. */
  get kernel(): KernelSnapshot | undefined {
    return this.kernels.findLast(({ notebook }) => notebook === this.notebook.uri.fsPath);
  }

  /** Asks the kernel itself; undefined where there is none, or it cannot be reached now. */
  get client(): KernelClient | undefined {
    return this.followed?.client;
  }

  /** All its code cells. */
  async runAll(): Promise<void> {
    await this.run(codeCells(this.notebook).map(({ cell }) => cell));
  }

  /**
   * Queues cells, as one request: they go on without this window.
   *
   * @throws SitespanError `cluster-unknown`, `notebook-elsewhere`; what keeper and kernel say
   */
  async run(cells: readonly vscode.NotebookCell[]): Promise<void> {
    this.refuseIfClosed();
    const runs = this.shown.queue(cells, randomUUID);
    if (runs.length === 0) return;
    const document = this.notebook.uri.fsPath;
    const requests = runs.map(({ id, cell }) => ({ id, source: cell.source, document, cell: placeOf(cell) }));
    const { signal } = this.asking;
    try {
      // While the kernel starts, more may be asked for.
      await this.turns.take(async () => (await this.living(signal)).cells(requests, signal));
    } catch (error) {
      this.shown.giveUp(runs.map(({ id }) => id));
      throw error;
    }
  }

  /** Ends what runs, gives up what waits. */
  async interrupt(): Promise<void> {
    this.asking.abort(new SitespanError('cancelled', `The cells of ${this.name} were given up.`));
    this.asking = new AbortController();
    await this.followed?.client.interrupt();
  }

  /** Resolves when no cell is shown as waiting or running any more. */
  async quiet(signal: AbortSignal): Promise<void> {
    const what = `The end of the cells of ${this.name}`;
    await until(() => !this.shown.areAtWork, { timeoutMs: quietMs, what, signal });
  }

  /** It is about to be saved: what has ended by now will be in the file. */
  willSave(): void {
    this.shown.willSave();
  }

  saved(): void {
    this.tellSeen(this.shown.saved());
  }

  dispose(): void {
    this.disposed = true;
    this.heard.dispose();
    this.input.dispose();
    this.unfollow();
    this.shown.dispose();
  }

  private refuseIfClosed(): void {
    const view = this.window.fleet.cluster(this.cluster);
    if (view !== undefined && view.link !== 'closed') return;
    const remedy = ofState('closed', aboutCluster(this.cluster)).action;
    throw new SitespanError(
      'cluster-unknown',
      `The cluster ${this.cluster} has ended on this computer, so ${this.name} cannot run on it; start it again, or choose another kernel.`,
      remedy === undefined ? {} : { remedy },
    );
  }

  private async living(signal: AbortSignal): Promise<KernelClient> {
    const { uri } = this.notebook;
    if (uri.scheme !== 'file') {
      throw new SitespanError(
        'notebook-elsewhere',
        `${this.name} is not in a folder of this computer, and a kernel works in its notebook's folder; save the notebook in one first.`,
      );
    }
    const keeper = await this.window.fleet.client(this.cluster);
    const wish = { cwd: dirname(uri.fsPath), notebook: uri.fsPath };
    const kernel = await keeper.call(calls.startKernel, wish, signal);
    if (this.followed?.id !== kernel.id || this.followed.runs.over) await this.follow(kernel);
    const { followed } = this;
    if (followed === undefined) throw new SitespanError('cancelled', `${this.name} was closed.`);
    await followed.client.answers(signal);
    return followed.client;
  }

  private get kernels(): readonly KernelSnapshot[] {
    return this.window.fleet.cluster(this.cluster)?.snapshot?.kernels ?? [];
  }

  /** Something about the clusters has changed. */
  private look(): void {
    const { kernel, followed } = this;
    if (kernel === undefined) return;
    const isFollowed = followed?.id === kernel.id && !(followed.runs.over && kernel.phase !== 'dead');
    // What was heard of the cluster is older than the kernel that was just started here.
    const isOld = followed !== undefined && !followed.runs.over && !this.kernels.some(({ id }) => id === followed.id);
    if (isFollowed || isOld || this.following !== undefined) return;
    this.following = this.follow(kernel)
      .catch(this.onError)
      .finally(() => {
        this.following = undefined;
      });
  }

  private async follow(kernel: KernelSnapshot): Promise<void> {
    const client = await KernelClient.of(kernel.folder);
    // Asked for twice at once, or closed meanwhile.
    if (this.disposed || (this.followed?.id === kernel.id && !this.followed.runs.over)) {
      client.dispose();
      return;
    }
    this.unfollow();
    const runs = new LiveRuns(client, { onListenerError: this.onError });
    const followed = { id: kernel.id, client, runs, caughtUp: false };
    this.followed = followed;
    runs.onDidChange(() => this.show(followed));
    runs
      .ready()
      .then(() => {
        followed.caughtUp = true;
        this.show(followed);
      })
      .catch(this.onError);
  }

  private show(followed: Followed): void {
    if (!followed.caughtUp || followed !== this.followed) return;
    const { runs, client } = followed;
    this.tellSeen(this.shown.show(runs.cells), client);
    this.input.look(runs.cells.find(({ place, prompt }) => place !== undefined && prompt !== undefined)?.prompt);
    if (runs.problem !== undefined && runs.problem !== this.told) {
      this.told = runs.problem;
      this.onError(runs.problem);
    }
  }

  private tellSeen(ids: readonly string[], client = this.followed?.client): void {
    if (ids.length === 0 || client === undefined) return;
    client.seen(ids).catch((error: unknown) => {
      // One that has ended cannot note it any more; a later window compares instead.
      if (!SitespanError.is(error, 'kernel-unreachable')) this.onError(error);
    });
  }

  private unfollow(): void {
    if (this.followed === undefined) return;
    this.shown.forgetRecord();
    this.followed.runs.dispose();
    this.followed.client.dispose();
    this.followed = undefined;
  }
}
