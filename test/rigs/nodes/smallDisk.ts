import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../../src/base/systemError.js';
import { until } from '../../../src/base/waiting.js';

/** A small disk of its own, in memory, that can be filled to its last byte or made read-only (root and Linux only). */
export class SmallDisk {
  readonly folder = mkdtempSync('/var/tmp/sitespan-disk-');
  private readonly ballast = join(this.folder, '.ballast');

  constructor(megabytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', this.folder]);
  }

  /** Leaves no byte; what is freed later is taken by whoever comes. */
  async fill(): Promise<void> {
    const file = await open(this.ballast, 'a');
    try {
      for (const size of [1 << 20, 4096, 1]) {
        for (let full = false; !full; ) {
          full = await file.write(Buffer.alloc(size)).then(
            () => false,
            (error: unknown) => isFull(error),
          );
        }
      }
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(this.ballast, { force: true });
  }

  /** Waits for those who still write: a process that ends is off the list of processes before its files are closed. */
  async setReadOnly(readOnly: boolean): Promise<void> {
    const args = ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, this.folder];
    await until(() => spawnSync('mount', args).status === 0, { timeoutMs: 60_000, what: `mount ${args.join(' ')}` });
  }

  dispose(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }
}

function isFull(error: unknown): boolean {
  if (isSystemError(error, 'ENOSPC')) return true;
  throw error;
}
