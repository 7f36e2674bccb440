import * as vscode from 'vscode';
import { schemes } from '../../ids.js';
import { sentenceInWindow } from '../remedies.js';
import { LiveDocuments } from './liveDocuments.js';

/** A report of its own each time it is asked for. */
export function doctorUri(): vscode.Uri {
  return vscode.Uri.from({ scheme: schemes.report, path: '/Doctor.md', query: String(Date.now()) });
}

/** Registers what shows the doctor's report, which is made when it is opened. */
export function registerDoctorDocument(bundle: string, onError: (error: unknown) => void): vscode.Disposable {
  const source = {
    run: async (show: (text: string) => void, signal: AbortSignal): Promise<void> => {
      const { diagnose } = await import('../../owner/doctor/doctor.js');
      const { reportOf } = await import('../../owner/doctor/report.js');
      const { chosenEnvironment } = await import('../environments.js');
      show(sentenceInWindow(reportOf(await diagnose({ bundle, environment: chosenEnvironment(), signal }))));
    },
  };
  return new LiveDocuments(schemes.report, () => source, onError);
}
