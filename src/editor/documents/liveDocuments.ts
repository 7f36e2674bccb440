import * as vscode from 'vscode';

/** Where the text of one document comes from. */
export interface LiveSource {
  /**
   * Shows the whole text each time it has changed, until the signal aborts; resolves when it will not change any more.
   *
   * Called again when a document that was hidden is seen again.
   */
  run(show: (text: string) => void, signal: AbortSignal): Promise<void>;
}

interface Live {
  readonly uri: vscode.Uri;
  readonly source: LiveSource;
  text: string;
  lines: number;
  running: AbortController | undefined;
  /** Nothing will be added. */
  ended: boolean;
}

/** So long the first text is waited for, before an empty document is shown, in milliseconds. */
const patienceMs = 10_000;

/**
 * Read-only documents that follow what they show while somebody sees them, and rest while nobody does.
 */
export class LiveDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly open = new Map<string, Live>();
  private readonly registrations: vscode.Disposable;

  /**
   * @param sourceOf made when a document is opened
   * @param followEnd whether an editor that shows the last line stays there when lines are added
   */
  constructor(
    scheme: string,
    private readonly sourceOf: (uri: vscode.Uri) => LiveSource,
    private readonly onError: (error: unknown) => void,
    private readonly followEnd = false,
  ) {
    this.registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.look()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.scroll(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri)),
    );
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const known = this.open.get(uri.toString());
    if (known !== undefined) return known.text;
    const live: Live = { uri, source: this.sourceOf(uri), text: '', lines: 1, running: undefined, ended: false };
    this.open.set(uri.toString(), live);
    await this.first(live);
    return live.text;
  }

  dispose(): void {
    for (const { running } of this.open.values()) running?.abort();
    this.open.clear();
    this.registrations.dispose();
    this.changed.dispose();
  }

  /** Resolves with the first text. It is not seen yet, and is not asked for again before it is. */
  private first(live: Live): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.start(live, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private start(live: Live, onText: () => void): void {
    const controller = new AbortController();
    live.running = controller;
    const show = (text: string): void => {
      if (controller.signal.aborted || text === live.text) return;
      live.text = text;
      this.changed.fire(live.uri);
      onText();
    };
    live.source
      .run(show, controller.signal)
      .then(() => {
        // One that was told to end may have had more to show.
        if (!controller.signal.aborted) live.ended = true;
      })
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        this.onError(error);
        show(
          `${live.text}${live.text === '' ? '' : '\n\n'}${error instanceof Error ? error.message : String(error)}\n`,
        );
      })
      .finally(() => {
        if (live.running === controller) live.running = undefined;
        onText();
      });
  }

  private look(): void {
    const seen = new Set(vscode.window.visibleTextEditors.map(({ document }) => document.uri.toString()));
    for (const [key, live] of this.open) {
      if (!seen.has(key)) {
        live.running?.abort();
        live.running = undefined;
      } else if (live.running === undefined && !live.ended) {
        this.start(live, () => undefined);
      }
    }
  }

  private scroll(document: vscode.TextDocument): void {
    const live = this.open.get(document.uri.toString());
    if (live === undefined) return;
    const before = live.lines;
    live.lines = document.lineCount;
    if (!this.followEnd || live.lines <= before) return;
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document || (editor.visibleRanges.at(-1)?.end.line ?? 0) < before - 2) continue;
      const last = new vscode.Position(live.lines - 1, 0);
      editor.revealRange(new vscode.Range(last, last));
    }
  }

  private forget(uri: vscode.Uri): void {
    this.open.get(uri.toString())?.running?.abort();
    this.open.delete(uri.toString());
  }
}
