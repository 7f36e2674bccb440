import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import type { RecordedCell } from '../../notebook/record.js';

/**
 * Asks a person for the line that a cell's `input()` waits for. Any window may answer; when another was quicker, or the
 * cell was interrupted, the box goes away.
 */
export class InputBox implements vscode.Disposable {
  private asking:
    | { readonly prompt: RecordedCell['prompt']; readonly gone: vscode.CancellationTokenSource }
    | undefined;

  /** @param name of the notebook; `answer` hands the line to the kernel */
  constructor(
    private readonly name: () => string,
    private readonly answer: (line: string) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Call it whenever what a cell waits for may have changed. */
  look(prompt: RecordedCell['prompt']): void {
    if (prompt === this.asking?.prompt) return;
    this.dispose();
    if (prompt === undefined) return;
    const gone = new vscode.CancellationTokenSource();
    this.asking = { prompt, gone };
    this.ask(prompt, gone.token).catch(this.onError);
  }

  dispose(): void {
    this.asking?.gone.cancel();
    this.asking?.gone.dispose();
    this.asking = undefined;
  }

  private async ask(prompt: NonNullable<RecordedCell['prompt']>, token: vscode.CancellationToken): Promise<void> {
    for (;;) {
      const line = await vscode.window.showInputBox(
        { title: `${this.name()} asks`, prompt: prompt.text, password: prompt.password, ignoreFocusOut: true },
        token,
      );
      if (token.isCancellationRequested) return;
      if (line !== undefined) {
        await this.hand(line);
        return;
      }
      // Closed without an answer: the cell still waits, and nothing else says so.
      const chosen = await vscode.window.showInformationMessage(
        `A cell of ${this.name()} waits for a line that you type.`,
        'Answer',
      );
      if (chosen === undefined || token.isCancellationRequested) return;
    }
  }

  private async hand(line: string): Promise<void> {
    try {
      await this.answer(line);
    } catch (error) {
      // Another window was quicker.
      if (!SitespanError.is(error, 'no-input')) throw error;
    }
  }
}
