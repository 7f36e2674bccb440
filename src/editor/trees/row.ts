import type { Remedy } from '../../base/errors.js';
import type { State } from '../states.js';
import type { Trouble } from '../troubles.js';
import type { NodeOf } from './nodes.js';

/** How a row looks, without VS Code: what a tree shows is tested as plain values. */
export interface Row {
  readonly label: string;
  readonly description?: string;
  readonly icon: Icon;
  /** Lines of plain text; a pair is a name and its value. */
  readonly tooltip: readonly (string | readonly [name: string, value: string])[];
  /** What menus may ask of it. */
  readonly flags: readonly string[];
  /** What a screen reader says; icons and colours are in it as words. */
  readonly spoken: string;
  readonly opens: 'no' | 'closed' | 'open';
  /** What choosing it does. */
  readonly action?: Remedy;
}

export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/** Of VS Code's own themes, so that each of them has it right. */
export const colors = {
  good: 'testing.iconPassed',
  waiting: 'charts.yellow',
  warning: 'list.warningForeground',
  error: 'list.errorForeground',
  faint: 'disabledForeground',
} as const;

const toneIcons: Readonly<Record<State['tone'], Icon>> = {
  plain: { id: 'info' },
  waiting: { id: 'watch', color: colors.waiting },
  warning: { id: 'warning', color: colors.warning },
  error: { id: 'error', color: colors.error },
};

/** `;a;b;`: a flag is asked for as `viewItem =~ /;a;/`. */
export function contextOf(flags: readonly string[]): string {
  return `;${[...flags].sort().join(';')};`;
}

export function iconOfTone(tone: State['tone']): Icon {
  return toneIcons[tone];
}

/** The row that says a trouble under the row it is about. */
export function troubleNode(of: string, { sentence, tone, action }: Trouble): NodeOf<'trouble'> {
  const said = { kind: 'trouble', id: `${of}: ${sentence}`, message: sentence, tone } as const;
  return action === undefined ? said : { ...said, remedy: action };
}

export function troubleRow({ message, tone, remedy }: NodeOf<'trouble'>): Row {
  return {
    label: message,
    icon: iconOfTone(tone),
    tooltip: remedy === undefined ? [message] : [message, `Choose it to: ${remedy.label}`],
    flags: ['trouble', ...(remedy === undefined ? [] : ['fixable'])],
    spoken: remedy === undefined ? `${spokenTones[tone]}${message}` : `${spokenTones[tone]}${message} ${remedy.label}`,
    opens: 'no',
    ...(remedy === undefined ? {} : { action: remedy }),
  };
}

const spokenTones: Readonly<Record<State['tone'], string>> = {
  plain: '',
  waiting: 'Waiting: ',
  warning: 'Warning: ',
  error: 'Error: ',
};
