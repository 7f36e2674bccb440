import type {
  Disposable,
  ExtensionContext,
  LogOutputChannel,
  TerminalOptions,
  TextDocument,
  TextDocumentContentProvider,
  Uri,
} from 'vscode';

/** What a test is asked, in place of a person. */
export interface Asked {
  readonly kind: 'pick' | 'text' | 'message' | 'modal' | 'dialog';
  readonly title: string;
  readonly placeholder?: string;
  readonly value?: string;
  /** Of rows or buttons. */
  readonly labels: readonly string[];
  readonly rows?: readonly { readonly label: string; readonly description?: string; readonly detail?: string }[];
  readonly step?: number;
  readonly steps?: number;
  /** Why the answer before did not do. */
  readonly problem?: string;
  readonly canGoBack?: boolean;
}

export interface Said {
  readonly kind: 'error' | 'warning' | 'information' | 'status';
  readonly text: string;
  readonly buttons: readonly string[];
  readonly modal: boolean;
}

export interface Screen {
  readonly said: readonly Said[];
  readonly asked: readonly Asked[];
  readonly executed: readonly (readonly unknown[])[];
  readonly settings: Map<string, unknown>;
  readonly clipboard: string;
  readonly terminals: readonly { readonly options: TerminalOptions }[];
  readonly shown: readonly TextDocument[];
  /** By their ids. They are hidden at first; a test shows and hides them. */
  readonly trees: ReadonlyMap<string, { become(visible: boolean): void }>;
  trusted: boolean;
  /**
   * Answers: `undefined` leaves it (Escape), `accept` takes what stands there (Enter), `back` goes back; else the text of a
   * question, the label of a row or button, or several labels.
   */
  answer: (question: Asked) => unknown;
  /** While the next answer is looked into: `stop` presses the button, `leave` is Escape, anything else is typed. */
  interruption: string | undefined;
  /** Whether whatever is in progress is cancelled as soon as that is offered. */
  cancelling: boolean;
}

/** A fresh screen, which is what windows of the test show things on from now on. */
export function newScreen(): Screen;

export function parts(extensionPath: string): {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  /** Errors, as they were logged. */
  readonly logged: readonly string[];
};

/** From now on a person sees the documents at these addresses, and no others. */
export function see(...uris: readonly Uri[]): void;

export const workspace: {
  registerTextDocumentContentProvider(scheme: string, provider: TextDocumentContentProvider): Disposable;
  openTextDocument(uri: Uri): Promise<TextDocument>;
};

export const commands: { executeCommand(id: string, ...rest: unknown[]): Promise<unknown> };
