import {
  type Button,
  type Dropdown,
  provideVSCodeDesignSystem,
  type TextField,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/**
 * The controls of our pages: the one file that names the toolkit they are made of. It is retired upstream; its successor is
 * a change of this file.
 */
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());

declare global {
  interface HTMLElementTagNameMap {
    'vscode-button': Button;
    'vscode-dropdown': Dropdown;
    'vscode-text-field': TextField;
  }
}

export function button(
  label: string,
  onClick: () => void,
  appearance: 'primary' | 'secondary' = 'secondary',
): HTMLElement {
  const made = document.createElement('vscode-button');
  made.appearance = appearance;
  made.textContent = label;
  made.addEventListener('click', onClick);
  return made;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One of several; the choices may change while it is shown. */
export interface Chooser {
  readonly element: HTMLElement;
  /** Shows these choices, and which is chosen. */
  show(choices: readonly Choice[], chosen: string): void;
}

export function chooser(label: string, onChoose: (value: string) => void): Chooser {
  const element = document.createElement('vscode-dropdown');
  element.setAttribute('aria-label', label);
  element.addEventListener('change', () => onChoose(element.value));
  let shown = '';
  return {
    element,
    show: (choices, chosen) => {
      const wanted = JSON.stringify(choices);
      if (wanted !== shown) {
        shown = wanted;
        element.replaceChildren(
          ...choices.map(({ value, label: text }) => {
            const option = document.createElement('vscode-option');
            option.setAttribute('value', value);
            option.textContent = text;
            return option;
          }),
        );
      }
      // It knows its options only after they were put in.
      queueMicrotask(() => {
        if (element.value !== chosen) element.value = chosen;
      });
    },
  };
}

/** @param label its name, which only screen readers say: the placeholder tells the others */
export function textField(label: string, placeholder: string, onInput: (value: string) => void): HTMLElement {
  const made = document.createElement('vscode-text-field');
  // The toolkit takes its name from here, and nowhere else.
  made.textContent = label;
  made.placeholder = placeholder;
  made.addEventListener('input', () => onInput(made.value));
  return made;
}
