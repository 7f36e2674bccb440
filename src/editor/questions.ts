import * as vscode from 'vscode';
import { SitespanError } from '../base/errors.js';
import { sentenceInWindow } from './remedies.js';

/** What came of a question: `undefined` when it was left (Escape); `back` when the step before is wanted again. */
export type Answer<Value> = { readonly value: Value } | 'back' | undefined;

/** Where a question stands in a row of questions. */
export interface Place {
  readonly step: number;
  readonly of: number;
  /** Whether there is a step to go back to. */
  readonly canGoBack: boolean;
}

interface Question {
  /** What is being done: the title of all its steps. */
  readonly title: string;
  /** What is asked. */
  readonly placeholder: string;
  readonly place?: Place | undefined;
}

/** What an answer is looked into by before it is taken, where that may take a while. */
export interface Check<Value> {
  /** Said meanwhile. */
  saying(value: Value): string;
  /** @throws SitespanError why the answer cannot be taken: it is shown, and the question stays with what was answered */
  look(value: Value, signal: AbortSignal): Promise<unknown>;
}

/** One row of a list. */
export interface Choice<Value> {
  readonly label: string;
  readonly description?: string | undefined;
  readonly detail?: string | undefined;
  readonly value: Value;
  /** Why it cannot be taken now; it is shown all the same, with that. */
  readonly disabled?: string | undefined;
}

export interface TextQuestion extends Question {
  readonly value: string;
  readonly password?: boolean;
  /** Whether blanks at its ends are part of it. */
  readonly exact?: boolean;
  /** Why a text cannot be taken; undefined where it can. */
  readonly refuse: (text: string) => string | undefined;
  readonly check?: Check<string>;
}

export interface ListQuestion<Value> extends Question {
  /** The row to begin at, where it is there. */
  readonly begin?: ((value: Value) => boolean) | undefined;
  /** Of a list from which one is taken. */
  readonly check?: Check<Value>;
}

interface Row<Value> extends vscode.QuickPickItem {
  readonly choice: Choice<Value>;
}

/** Asks for a line of text. */
export async function askText(question: TextQuestion): Promise<Answer<string>> {
  const box = vscode.window.createInputBox();
  box.value = question.value;
  box.password = question.password ?? false;
  box.prompt = question.placeholder;
  box.placeholder = question.placeholder;
  const given = (text: string): string => (question.exact === true ? text : text.trim());
  box.onDidChangeValue((text) => {
    box.validationMessage = question.refuse(given(text)) ?? '';
  });
  return shown(box, question, {
    check: question.check,
    accept: () => {
      const text = given(box.value);
      const why = question.refuse(text);
      if (why === undefined) return { value: text };
      box.validationMessage = why;
      return undefined;
    },
    say: (sentence = '') => {
      box.prompt = sentence === '' ? question.placeholder : sentence;
      box.validationMessage = '';
    },
    refuse: (why) => {
      box.validationMessage = why;
    },
  });
}

/** A list that may grow and change while it is looked at. */
export interface GrowingList<Value> {
  /** Calls back with all rows each time there are more; ends when there will be no more. */
  grow(show: (choices: readonly Choice<Value>[]) => void, signal: AbortSignal): Promise<void>;
}

/** Asks for one row of a list. What cannot be taken now stays in the list with the reason, and taking it changes nothing. */
export async function askOne<Value>(
  question: ListQuestion<Value>,
  from: readonly Choice<Value>[] | GrowingList<Value>,
): Promise<Answer<Value>> {
  const list = vscode.window.createQuickPick<Row<Value>>();
  list.placeholder = question.placeholder;
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  const show = (choices: readonly Choice<Value>[]): void => {
    // Where a person is in the list they stay, while rows come and change places.
    const active = list.activeItems[0]?.choice.value;
    list.items = choices.map(rowOf);
    const wanted = active === undefined ? question.begin : (value: Value): boolean => value === active;
    const begin = list.items.find(({ choice }) => wanted?.(choice.value) === true);
    if (begin !== undefined) list.activeItems = [begin];
  };
  const filling = new AbortController();
  if (isGrowing(from)) {
    list.busy = true;
    from.grow(show, filling.signal).then(
      () => {
        list.busy = false;
        const possible = list.items.find(({ choice }) => choice.disabled === undefined);
        if (list.activeItems[0]?.choice.disabled !== undefined && possible !== undefined) list.activeItems = [possible];
      },
      (error: unknown) => {
        list.busy = false;
        if (!filling.signal.aborted) list.placeholder = error instanceof Error ? error.message : String(error);
      },
    );
  } else {
    show(from);
  }
  // What stands in the box hides what is said in its place.
  const refuse = (why: string): void => {
    list.value = '';
    list.placeholder = why;
    // The same row can be taken again.
    list.selectedItems = [];
  };
  try {
    return await shown(list, question, {
      check: question.check,
      refuse,
      accept: () => {
        const choice = list.selectedItems[0]?.choice;
        if (choice === undefined) return undefined;
        if (choice.disabled === undefined) return { value: choice.value };
        refuse(`${choice.label} cannot be taken: ${choice.disabled}`);
        return undefined;
      },
      say: (sentence = question.placeholder) => {
        list.placeholder = sentence;
      },
    });
  } finally {
    filling.abort();
  }
}

/** Asks for some rows of a list, at least one. */
export async function askSome<Value>(
  question: ListQuestion<Value>,
  choices: readonly Choice<Value>[],
): Promise<Answer<readonly Value[]>> {
  const list = vscode.window.createQuickPick<Row<Value>>();
  list.placeholder = question.placeholder;
  list.canSelectMany = true;
  // With boxes to tick there is no row that cannot be; it is left out of what is taken.
  list.items = choices.map(rowOf);
  list.selectedItems = list.items.filter(
    ({ choice }) => choice.disabled === undefined && question.begin?.(choice.value) === true,
  );
  const say = (sentence = question.placeholder): void => {
    list.placeholder = sentence;
  };
  return shown(list, question, {
    accept: () => {
      const taken = list.selectedItems.filter(({ choice }) => choice.disabled === undefined);
      if (taken.length > 0) return { value: taken.map(({ choice }) => choice.value) };
      say('Choose at least one.');
      return undefined;
    },
    ...{ say, refuse: say },
  });
}

function isGrowing<Value>(from: readonly Choice<Value>[] | GrowingList<Value>): from is GrowingList<Value> {
  return 'grow' in from && typeof from.grow === 'function';
}

function rowOf<Value>(choice: Choice<Value>): Row<Value> {
  const { label, description, detail, disabled } = choice;
  return {
    label: disabled === undefined ? label : `$(circle-slash) ${label}`,
    ...(description === undefined ? {} : { description }),
    ...((disabled ?? detail) === undefined ? {} : { detail: disabled ?? detail ?? '' }),
    choice,
  };
}

/** Within that a walkthrough has drawn its step anew. */
const walkthroughMs = 600;

interface Input extends vscode.QuickInput {
  buttons: readonly vscode.QuickInputButton[];
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  readonly onDidAccept: vscode.Event<void>;
  readonly onDidChangeValue: vscode.Event<string>;
}

interface Accepting<Value> {
  /** What accepting answers; undefined where it stays open. */
  accept(): { readonly value: Value } | undefined;
  readonly check?: Check<Value> | undefined;
  /** Says what is being done; without a sentence, what is asked. */
  say(sentence?: string): void;
  /** Says why it stays open. */
  refuse(why: string): void;
}

function shown<Value>(
  input: Input,
  { title, place }: Question,
  { accept, check, say, refuse }: Accepting<Value>,
): Promise<Answer<Value>> {
  const stopButton = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: 'Stop' };
  const usual = place?.canGoBack === true ? [vscode.QuickInputButtons.Back] : [];
  input.title = title;
  input.ignoreFocusOut = true;
  input.buttons = usual;
  if (place !== undefined) {
    input.step = place.step;
    input.totalSteps = place.of;
  }
  // A walkthrough takes the focus back to its step a moment after its button was pressed, by keyboard too.
  const focusAgain = setTimeout(() => {
    vscode.commands.executeCommand('workbench.action.focusQuickOpen').then(undefined, () => undefined);
  }, walkthroughMs);
  return new Promise((resolve, reject) => {
    let looking: AbortController | undefined;
    const stop = (): void => {
      if (looking === undefined) return;
      looking.abort();
      looking = undefined;
      input.busy = false;
      input.buttons = usual;
      say();
    };
    const close = (): void => {
      clearTimeout(focusAgain);
      input.dispose();
    };
    const end = (answer: Answer<Value>): void => {
      looking?.abort();
      looking = undefined;
      resolve(answer);
      close();
    };
    const look = (answer: { readonly value: Value }, by: Check<Value>): void => {
      const own = new AbortController();
      looking = own;
      input.busy = true;
      input.buttons = [...usual, stopButton];
      say(by.saying(answer.value));
      by.look(answer.value, own.signal).then(
        () => {
          if (looking === own) end(answer);
        },
        (error: unknown) => {
          if (looking !== own) return;
          stop();
          // What a person has to do first is said outside of the question, with the way to it.
          if (SitespanError.is(error) && error.details.remedy === undefined) {
            refuse(sentenceInWindow(error.message));
            return;
          }
          reject(error);
          close();
        },
      );
    };
    input.onDidTriggerButton((button) => (button === stopButton ? stop() : end('back')));
    input.onDidChangeValue(stop);
    input.onDidAccept(() => {
      if (looking !== undefined) return;
      const answer = accept();
      if (answer === undefined) return;
      if (check === undefined) end(answer);
      else look(answer, check);
    });
    input.onDidHide(() => end(undefined));
    input.show();
  });
}
