import { readFile } from 'node:fs/promises';
import { sleep } from '../../../src/base/waiting.js';
import { filesBelow, maySecretsLieIn, secretFilesBelow } from './secretFiles.js';

const everyMs = 1000;
/** Larger files are data. */
const largestBytes = 50_000_000;

/** Where a secret was found, or a secret's file with rights for others. */
export type Leak = string;

/** Every secret that any watch has seen in this process, with the file it came from. */
export const knownSecrets = new Map<string, string>();

/**
 * Learns the secrets of the clusters in a folder as they come into being, and looks for them where they must not be.
 *
 * A cluster forgets its secrets when it ends, so they must be learnt while it runs.
 */
export class SecretWatch {
  private readonly own = new Set<string>();
  private readonly open = new Set<Leak>();
  private readonly stopped = new AbortController();
  private readonly learning: Promise<void>;

  constructor(private readonly folder: string) {
    this.learning = this.learnOn();
  }

  /** Looks once more, then through every file of the folder. @returns what it found */
  async stop(): Promise<Leak[]> {
    this.stopped.abort();
    await this.learning;
    await this.learn();
    return [...this.open, ...(await leaksBelow(this.folder, this.own))];
  }

  private async learnOn(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.learn();
      await sleep(everyMs, this.stopped.signal).catch(() => undefined);
    }
  }

  private async learn(): Promise<void> {
    for (const { path, mode, secrets } of await secretFilesBelow(this.folder)) {
      if ((mode & 0o077) !== 0) this.open.add(`${path} has mode 0${mode.toString(8)}`);
      for (const secret of secrets) {
        this.own.add(secret);
        knownSecrets.set(secret, path);
      }
    }
  }
}

/** Every file below a folder that holds one of these secrets, or a private key of whomever, and must not. */
export async function leaksBelow(folder: string, secrets: ReadonlySet<string>): Promise<Leak[]> {
  const leaks: Leak[] = [];
  for (const path of await filesBelow(folder, (name) => name !== 'bundle')) {
    if (maySecretsLieIn(path)) continue;
    const data = await readFile(path).catch(() => undefined);
    if (data === undefined || data.length > largestBytes) continue;
    const text = data.toString('latin1');
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) leaks.push(`${path} holds a private key`);
    for (const secret of secrets) {
      if (text.includes(secret)) leaks.push(`${path} holds the secret of ${knownSecrets.get(secret) ?? 'a test'}`);
    }
  }
  return leaks;
}
