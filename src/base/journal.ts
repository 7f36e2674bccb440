import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SitespanError } from './errors.js';
import { type Held, holdAlone } from './soleHolder.js';
import { storageTrouble } from './storageTrouble.js';
import { unlessAbsent } from './systemError.js';
import { secretMode, syncFolder, writeOnce } from './writeAtomically.js';

/** Room kept on the disk for what must be written even when it is full. */
const reserveBytes = 65_536;

/**
 * A file of JSON lines that only grows: each decision before it is carried out, each result after it.
 *
 * An entry is on the disk when `append` resolves. A crash can tear only what was not acknowledged, at the end:
 * that is dropped when the journal is opened again. Anything else that cannot be read is refused, never skipped.
 */
export class Journal {
  private waiting: {
    readonly line: string;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  private writing: Promise<void> | undefined;
  private closed = false;
  private failure: unknown;

  private constructor(
    readonly path: string,
    /** What it held when it was opened, oldest first; the reader checks the shapes. */
    readonly entries: readonly unknown[],
    private readonly file: FileHandle,
    private readonly held: Held,
    private length: number,
    private readonly reserve: string,
  ) {}

  /**
   * Opens it for writing, making it where it is absent, and cuts a torn end off.
   *
   * @throws SitespanError `already-held` while another writes it; `journal-corrupt`.
   */
  static async open(path: string): Promise<Journal> {
    let held: Held | undefined;
    try {
      held = await holdAlone(path);
      const { entries, length } = parse(path, (await unlessAbsent(readFile(path))) ?? Buffer.alloc(0));
      const file = await open(path, 'a', secretMode);
      await file.truncate(length);
      await file.sync();
      await syncFolder(dirname(path));
      const reserve = `${path}.reserve`;
      // Without it a full disk is refused a little earlier, no more.
      await writeOnce(reserve, randomBytes(reserveBytes)).catch(() => undefined);
      return new Journal(path, entries, file, held, length, reserve);
    } catch (error) {
      await held?.release();
      throw storageTrouble(error, 'The journal could not be opened', path) ?? error;
    }
  }

  /**
   * Resolves when the entry is on the disk, in the order of the calls.
   *
   * @throws SitespanError `journal-closed`; the storage's trouble (disk full): then the entry is not in the journal. After a
   *   failure that could not be undone all further entries are refused with it.
   */
  append(entry: object): Promise<void> {
    if (this.closed) return Promise.reject(new SitespanError('journal-closed', `${this.path} is closed.`));
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ line: `${JSON.stringify(entry)}\n`, resolve, reject });
      this.writing ??= this.writeWaiting();
    });
  }

  /**
   * The same for what must be written even on a full disk, such as that all is to end: gives up the room that was kept for it.
   *
   * @throws SitespanError as `append` does
   */
  async appendAtAllCosts(entry: object): Promise<void> {
    try {
      await this.append(entry);
    } catch (error) {
      if (!SitespanError.is(error, 'disk-full') && !SitespanError.is(error, 'quota-used-up')) throw error;
      await rm(this.reserve, { force: true });
      await this.append(entry);
    }
  }

  /** Writes what was appended, then lets the journal go. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writing;
    await this.file.close();
    await this.held.release();
  }

  private async writeWaiting(): Promise<void> {
    // All that came during one write go with the next: a thousand jobs' results cost a few fsyncs, not a thousand.
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      const data = Buffer.from(batch.map((entry) => entry.line).join(''));
      try {
        await this.file.appendFile(data);
        await this.file.sync();
        this.length += data.length;
        for (const entry of batch) entry.resolve();
      } catch (error) {
        // Half a line may have got there; the next must not be glued to it.
        await this.file.truncate(this.length).catch((failure: unknown) => {
          this.failure = failure;
        });
        const said = storageTrouble(error, 'Nothing was done, for it could not be written down', this.path) ?? error;
        for (const entry of batch) entry.reject(said);
      }
    }
    this.writing = undefined;
  }
}

/**
 * What a journal holds, without becoming its writer; `[]` where there is none.
 *
 * @throws SitespanError `journal-corrupt`.
 */
export async function readJournal(path: string): Promise<readonly unknown[]> {
  return parse(path, (await unlessAbsent(readFile(path))) ?? Buffer.alloc(0)).entries;
}

/** The entries, and the bytes up to the end of the last whole one. */
function parse(path: string, data: Buffer): { readonly entries: readonly unknown[]; readonly length: number } {
  const entries: unknown[] = [];
  let length = 0;
  for (let number = 1; length < data.length; number++) {
    const newline = data.indexOf(0x0a, length);
    // Without its newline it was never acknowledged, even if it happens to parse.
    if (newline === -1) break;
    const entry = parsed(data.subarray(length, newline));
    if (entry === undefined) {
      // The blocks of a torn write may reach the disk in any order, so its newline can be there and its middle not.
      if (newline + 1 === data.length) break;
      throw new SitespanError(
        'journal-corrupt',
        `Line ${number} of ${path} on this computer is not JSON although more follows it, so the file was damaged after it was written; restore it from a backup or remove the cluster's folder.`,
      );
    }
    entries.push(entry);
    length = newline + 1;
  }
  return { entries, length };
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
