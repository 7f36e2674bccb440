import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { sleep } from '../../base/waiting.js';
import { schemes } from '../../ids.js';
import type { LifeSnapshot } from '../../keeper/api.js';
import type { KeeperClient } from '../../keeper/client.js';
import type { Fleet } from '../fleet.js';
import { sentenceInWindow } from '../remedies.js';
import { LiveDocuments, type LiveSource } from './liveDocuments.js';

/** A worker as a document names it. */
export interface WorkerName {
  readonly cluster: string;
  readonly worker: string;
}

/** A life's times are told in minutes; it is told anew so often, in milliseconds, also when nothing happens. */
const lifeEveryMs = 15_000;
/** And no more often than this. */
const lifeAtMostEveryMs = 1000;
/** Of a longer log the end is shown. */
const longestLog = 2_000_000;

export function logUri(name: WorkerName): vscode.Uri {
  return uriOf(schemes.workerLog, name, 'log');
}

export function lifeUri(name: WorkerName): vscode.Uri {
  return uriOf(schemes.life, name, 'md');
}

/** Registers what shows workers' logs and lives; what they are made of is loaded when one is opened. */
export function registerWorkerDocuments(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
  return vscode.Disposable.from(
    new LiveDocuments(schemes.workerLog, (uri) => logOf(fleet, nameIn(uri)), onError, true),
    new LiveDocuments(schemes.life, (uri) => lifeOf(fleet, nameIn(uri)), onError),
  );
}

function logOf(fleet: Fleet, { cluster, worker }: WorkerName): LiveSource {
  return {
    run: async (show, signal) => {
      const { workerLog } = await import('../../owner/workerLog.js');
      let text = '';
      for await (const more of workerLog(await fleet.client(cluster), worker, { follow: true, signal })) {
        text = (text + more).slice(-longestLog);
        show(text);
      }
      show(text === '' ? `${worker} has ended and wrote nothing.\n` : text);
    },
  };
}

function lifeOf(fleet: Fleet, { cluster, worker }: WorkerName): LiveSource {
  return {
    run: async (show, signal) => {
      const { lifeDocument } = await import('../../owner/lifeDocument.js');
      const { gridWords } = await import('../../owner/gridWords.js');
      const client = await fleet.client(cluster);
      let told: Awaited<ReturnType<typeof gridWords>>;
      let asked = { phase: '', at: 0 };
      for (;;) {
        const life = await lifeNamed(client, worker, signal);
        const tell = (): void => show(sentenceInWindow(lifeDocument(life, Date.now() / 1000, cluster, told)));
        tell();
        // The grid is asked when there may be news of it, and seldom otherwise.
        if (life.phase !== asked.phase || Date.now() - asked.at > lifeEveryMs) {
          told = await gridWords(client, life, signal);
          asked = { phase: life.phase, at: Date.now() };
          tell();
        }
        if (life.phase === 'ended') return;
        await sleep(lifeAtMostEveryMs, signal);
        await changeOf(client, signal);
      }
    },
  };
}

async function lifeNamed(client: KeeperClient, worker: string, signal: AbortSignal): Promise<LifeSnapshot> {
  const { calls } = await import('../../keeper/api.js');
  const life = (await client.call(calls.listLives, {}, signal)).find(({ name }) => name === worker);
  if (life !== undefined) return life;
  throw new SitespanError('worker-unknown', `The cluster has no worker ${worker}, and never had one.`);
}

/** Until the cluster tells of a change, or some time has passed. */
function changeOf(client: KeeperClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      listening.dispose();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(resolve), lifeEveryMs);
    const listening = client.onDidChange(() => end(resolve));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function uriOf(scheme: string, { cluster, worker }: WorkerName, ending: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${cluster}/${worker}.${ending}` });
}

function nameIn(uri: vscode.Uri): WorkerName {
  const [, cluster = '', file = ''] = uri.path.split('/');
  return { cluster, worker: file.replace(/\.[a-z]+$/, '') };
}
