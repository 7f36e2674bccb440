import { join } from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { environmentForms, formatEnvironment, parseEnvironment } from '../environment/parseEnvironment.js';
import { contextKeys, settings } from '../ids.js';
import type { FitEnvironment } from '../owner/fitEnvironments.js';
import { type Answer, askOne, askText, type Choice, type Place } from './questions.js';
import { readSetting } from './readSetting.js';
import type { Window } from './window.js';

/** The environment of the settings; undefined where none is set. */
export function chosenEnvironment(): EnvironmentSpec | undefined {
  const text = readSetting(settings.environment, z.string(), '').trim();
  return text === '' ? undefined : parseEnvironment(text);
}

interface EnvironmentQuestion {
  readonly title: string;
  readonly place?: Place;
  readonly begin: EnvironmentSpec | undefined;
}

/**
 * Asks for an environment of this computer: those that are found, the likeliest first, each with what it has as soon as it has
 * said so; what no cluster can be made of says why. Any other can be written.
 */
export async function askEnvironment(window: Window, question: EnvironmentQuestion): Promise<Answer<EnvironmentSpec>> {
  const wanted = question.begin === undefined ? undefined : formatEnvironment(question.begin);
  for (;;) {
    const answer = await askOne<EnvironmentSpec | 'other'>(
      {
        ...question,
        placeholder: 'Which Python? It needs dask and distributed; notebooks need ipykernel, too.',
        begin: (value) => value !== 'other' && formatEnvironment(value) === wanted,
      },
      { grow: (show, signal) => find(window, question.begin, show, signal) },
    );
    if (answer === undefined || answer === 'back') return answer;
    if (answer.value !== 'other') return { value: answer.value };
    const written = await askText({
      title: question.title,
      placeholder: `An environment: ${environmentForms}`,
      value: wanted ?? '',
      ...(question.place === undefined ? {} : { place: { ...question.place, canGoBack: true } }),
      refuse: refuseEnvironment,
    });
    if (written === undefined) return undefined;
    if (written !== 'back') return { value: parseEnvironment(written.value) };
  }
}

async function find(
  window: Window,
  begin: EnvironmentSpec | undefined,
  show: (choices: readonly Choice<EnvironmentSpec | 'other'>[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const other = { label: '$(edit) Another…', detail: environmentForms, value: 'other' as const };
  const { findEnvironments } = await import('../environment/find/find.js');
  const { fitEnvironments } = await import('../owner/fitEnvironments.js');
  const workspace = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  const { environments } = await findEnvironments({ workspace, signal });
  const isThere = environments.some(
    ({ spec }) => begin !== undefined && formatEnvironment(spec) === formatEnvironment(begin),
  );
  const all = begin === undefined || isThere ? environments : [{ spec: begin, label: 'chosen' }, ...environments];
  const tell = (rows: readonly FitEnvironment[]): void => show([...rows.map(choiceOf), other]);
  const fit = await fitEnvironments(all, join(window.bundle, 'python'), tell, signal);
  const none = fit.every(({ unfit }) => unfit !== undefined);
  await vscode.commands.executeCommand('setContext', contextKeys.noEnvironment, none);
}

function choiceOf({ label, text, has, forNotebooks, unfit, spec }: FitEnvironment): Choice<EnvironmentSpec> {
  if (unfit !== undefined) return { label, description: text, disabled: unfit.message, value: spec };
  if (has === undefined) return { label, description: text, detail: 'being asked what it has…', value: spec };
  const versions = ['dask', 'coffea', 'awkward', 'uproot'].flatMap((name) => {
    const version = has.packages[name] ?? null;
    return version === null ? [] : [`${name} ${version}`];
  });
  const notebooks = forNotebooks ? [] : ['no ipykernel for notebooks'];
  return {
    label,
    description: text,
    detail: [`Python ${has.python}`, ...versions, ...notebooks].join(' · '),
    value: spec,
  };
}

/** Why a text is no environment; undefined where it is one. */
export function refuseEnvironment(text: string): string | undefined {
  try {
    parseEnvironment(text);
    return undefined;
  } catch (error) {
    if (SitespanError.is(error)) return error.message;
    throw error;
  }
}
