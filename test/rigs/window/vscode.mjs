// What `import 'vscode'` gives in plain Node: as much of VS Code as commands use, with a screen that a test reads and answers.
// What it cannot do is tested in a real VS Code (test/vscode).
import { readFile } from 'node:fs/promises';

class Emitter {
  #listeners = new Set();
  event = (listener) => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(value) {
    for (const listener of [...this.#listeners]) listener(value);
  }
  dispose() {
    this.#listeners.clear();
  }
}

export class Disposable {
  #release;
  constructor(release) {
    this.#release = release;
  }
  static from(...all) {
    return new Disposable(() => {
      for (const one of all) one.dispose();
    });
  }
  dispose() {
    this.#release?.();
    this.#release = undefined;
  }
}

export { Emitter as EventEmitter };
export class CancellationError extends Error {}
export class ThemeIcon {
  constructor(id) {
    this.id = id;
  }
}
export class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}
export class Range {
  constructor(start, end) {
    Object.assign(this, { start, end });
  }
}
export class Uri {
  constructor(parts) {
    Object.assign(this, { scheme: 'file', authority: '', path: '', query: '', fragment: '' }, parts);
  }
  static file(path) {
    return new Uri({ path });
  }
  static joinPath(uri, ...names) {
    return new Uri({ ...uri, path: [uri.path, ...names].join('/') });
  }
  static from(parts) {
    return new Uri(parts);
  }
  static parse(text) {
    const { protocol, host, pathname, search } = new URL(text);
    return new Uri({ scheme: protocol.slice(0, -1), authority: host, path: pathname, query: search.slice(1) });
  }
  get fsPath() {
    return this.path;
  }
  toString() {
    return `${this.scheme}://${this.authority}${this.path}${this.query === '' ? '' : `?${this.query}`}`;
  }
}
export const ProgressLocation = { Notification: 15 };
export const ConfigurationTarget = { Global: 1 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const QuickInputButtons = { Back: { isBack: true } };

const noEvent = new Emitter().event;

/** What a test sees of the window, and what it says. */
class Screen {
  /** What was said in messages: `{ kind, text, buttons }`. */
  said = [];
  /** Every question that was asked, as `answer` got it. */
  asked = [];
  /** Commands of VS Code's own, and what opened: `[id, ...arguments]`. */
  executed = [];
  settings = new Map();
  clipboard = '';
  trusted = true;
  terminals = [];
  shown = [];
  /** By their ids. */
  trees = new Map();
  /** Answers a question: `undefined` leaves it; see the declarations. */
  answer = () => undefined;
  /** What is done once while an answer is looked into; see the declarations. */
  interruption = undefined;
  /** Whether whatever is in progress is cancelled as soon as that is offered. */
  cancelling = false;

  ask(question) {
    this.asked.push(question);
    return this.answer(question);
  }
}
export let screen = new Screen();
export function newScreen() {
  screen = new Screen();
  return screen;
}

class TreeView {
  visible = false;
  #visibility = new Emitter();
  onDidChangeVisibility = this.#visibility.event;
  onDidExpandElement = noEvent;
  onDidCollapseElement = noEvent;

  constructor(provider) {
    this.provider = provider;
  }
  become(visible) {
    this.visible = visible;
    this.#visibility.fire({ visible });
  }
  dispose() {}
}

class QuickInput {
  value = '';
  placeholder = '';
  prompt = '';
  items = [];
  selectedItems = [];
  activeItems = [];
  buttons = [];
  busy = false;
  validationMessage = '';
  #accept = new Emitter();
  #button = new Emitter();
  #hide = new Emitter();
  #change = new Emitter();
  onDidAccept = this.#accept.event;
  onDidTriggerButton = this.#button.event;
  onDidHide = this.#hide.event;
  onDidChangeValue = this.#change.event;
  #open = true;

  constructor(kind) {
    this.kind = kind;
  }

  async show() {
    do await new Promise((resolve) => setTimeout(resolve, 1));
    while (this.busy);
    // An answer that does not do leaves the box open: the test is asked again, and told why.
    for (let times = 0; this.#open; times++) {
      if (times > 20) throw new Error(`"${this.title}" is asked for ever: ${this.validationMessage}`);
      const answer = screen.ask({
        kind: this.kind,
        title: this.title ?? '',
        placeholder: this.placeholder,
        value: this.value,
        labels: this.items.map(({ label }) => label),
        rows: this.items.map(({ label, description, detail }) => ({ label, description, detail })),
        step: this.step,
        steps: this.totalSteps,
        problem: this.validationMessage,
        canGoBack: this.buttons.includes(QuickInputButtons.Back),
      });
      await this.#take(answer);
    }
  }

  async #take(answer) {
    if (answer === undefined) return this.#hide.fire();
    if (answer === 'back') return this.#button.fire(QuickInputButtons.Back);
    if (answer !== 'accept' && this.kind === 'text') {
      this.value = answer;
      this.#change.fire(answer);
    } else if (answer !== 'accept') {
      const wanted = Array.isArray(answer) ? answer : [answer];
      this.selectedItems = this.items.filter(({ label }) => wanted.includes(label));
      if (this.selectedItems.length < wanted.length) throw new Error(`No row ${answer} in "${this.title}"`);
    } else if (this.kind === 'pick' && !this.canSelectMany) {
      this.selectedItems = this.activeItems.length > 0 ? this.activeItems.slice(0, 1) : this.items.slice(0, 1);
    }
    this.#accept.fire();
    // An answer may be looked into before it is taken.
    do {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.busy && this.#open && screen.interruption !== undefined) this.#interrupt();
    } while (this.busy && this.#open);
  }

  #interrupt() {
    const what = screen.interruption;
    screen.interruption = undefined;
    if (what === 'stop') return this.#button.fire(this.buttons.find(({ tooltip }) => tooltip === 'Stop'));
    if (what === 'leave') return this.#hide.fire();
    this.value = what;
    this.#change.fire(what);
  }

  dispose() {
    this.#open = false;
  }
}

async function say(kind, text, ...rest) {
  const modal = typeof rest[0] === 'object' ? rest.shift() : undefined;
  screen.said.push({ kind, text, buttons: rest, modal: modal?.modal === true });
  return screen.ask({ kind: modal?.modal === true ? 'modal' : 'message', title: text, labels: rest });
}

const visibleEditors = new Emitter();
const documentChanged = new Emitter();
const documentClosed = new Emitter();
const providers = new Map();

export const window = {
  createQuickPick: () => new QuickInput('pick'),
  createInputBox: () => new QuickInput('text'),
  showErrorMessage: (...all) => say('error', ...all),
  showWarningMessage: (...all) => say('warning', ...all),
  showInformationMessage: (...all) => say('information', ...all),
  setStatusBarMessage: (text) => screen.said.push({ kind: 'status', text, buttons: [], modal: false }),
  showQuickPick: async (rows, { title, placeHolder }) => {
    const items = await rows;
    const labels = items.map(({ label }) => label);
    const answer = screen.ask({ kind: 'pick', title, placeholder: placeHolder, labels, rows: items });
    return answer === 'accept' ? items[0] : items.find(({ label }) => label === answer);
  },
  showSaveDialog: async () => screen.ask({ kind: 'dialog', title: 'save', labels: [] }),
  showOpenDialog: async () => screen.ask({ kind: 'dialog', title: 'open', labels: [] }),
  withProgress: async ({ title }, work) => {
    screen.executed.push(['progress', title]);
    const onCancellationRequested = (listener) => {
      if (screen.cancelling) listener();
      return new Disposable();
    };
    return work({ report: () => undefined }, { onCancellationRequested });
  },
  showTextDocument: async (document) => {
    screen.shown.push(document);
    return { document, revealRange: () => undefined, visibleRanges: [] };
  },
  createTreeView: (id, { treeDataProvider }) => {
    const view = new TreeView(treeDataProvider);
    screen.trees.set(id, view);
    return view;
  },
  createTerminal: (options) => {
    const terminal = { options, show: () => undefined };
    screen.terminals.push(terminal);
    return terminal;
  },
  visibleTextEditors: [],
  activeTextEditor: undefined,
  activeNotebookEditor: undefined,
  onDidChangeVisibleTextEditors: visibleEditors.event,
  onDidChangeActiveNotebookEditor: noEvent,
};

/** No notebook is open here: what they do is tested in a real VS Code. */
export const notebooks = {
  createNotebookController: (id, _type, label) => ({
    ...{ id, label, onDidChangeSelectedNotebooks: noEvent },
    dispose: () => undefined,
  }),
  registerNotebookCellStatusBarItemProvider: () => new Disposable(),
};
export const languages = {
  registerCompletionItemProvider: () => new Disposable(),
  registerHoverProvider: () => new Disposable(),
};

export const workspace = {
  get isTrusted() {
    return screen.trusted;
  },
  workspaceFolders: undefined,
  textDocuments: [],
  notebookDocuments: [],
  onDidOpenNotebookDocument: noEvent,
  onDidCloseNotebookDocument: noEvent,
  onWillSaveNotebookDocument: noEvent,
  onDidSaveNotebookDocument: noEvent,
  onDidRenameFiles: noEvent,
  getConfiguration: () => ({
    get: (id) => screen.settings.get(id),
    update: async (id, value) => {
      screen.settings.set(id, value);
    },
  }),
  registerTextDocumentContentProvider: (scheme, provider) => {
    providers.set(scheme, provider);
    return new Disposable(() => providers.delete(scheme));
  },
  openTextDocument: async (uri) => {
    const text =
      uri.scheme === 'file'
        ? await readFile(uri.fsPath, 'utf8')
        : await providers.get(uri.scheme).provideTextDocumentContent(uri);
    const lines = text.split('\n');
    const lineAt = (line) => ({ range: new Range(new Position(line, 0), new Position(line, lines[line].length)) });
    return { uri, lineCount: lines.length, lineAt, getText: () => text };
  },
  onDidChangeTextDocument: documentChanged.event,
  onDidCloseTextDocument: documentClosed.event,
};

/** From now on a person sees the documents at these addresses, and no others. */
export function see(...uris) {
  window.visibleTextEditors = uris.map((uri) => ({ document: { uri } }));
  visibleEditors.fire(window.visibleTextEditors);
}

const registered = new Map();
export const commands = {
  registerCommand: (id, handler) => {
    registered.set(id, handler);
    return new Disposable(() => registered.delete(id));
  },
  executeCommand: async (id, ...rest) => {
    screen.executed.push([id, ...rest]);
    return registered.get(id)?.(...rest);
  },
};

export const env = {
  clipboard: {
    writeText: async (text) => {
      screen.clipboard = text;
    },
  },
  asExternalUri: async (uri) => uri,
  openExternal: async (uri) => {
    screen.executed.push(['open', uri.toString()]);
    return true;
  },
};

/** The parts of a window that VS Code hands out, without VS Code. */
export function parts(extensionPath) {
  const kept = new Map();
  const secrets = new Map();
  const logged = [];
  return {
    logged,
    log: {
      error: (text) => logged.push(text),
      show: () => screen.executed.push(['log']),
    },
    context: {
      extensionPath,
      extension: { id: 'sitespan.sitespan' },
      subscriptions: [],
      globalState: { get: (key) => kept.get(key), update: async (key, value) => kept.set(key, value) },
      secrets: {
        get: async (key) => secrets.get(key),
        store: async (key, value) => secrets.set(key, value),
        delete: async (key) => secrets.delete(key),
      },
    },
  };
}
