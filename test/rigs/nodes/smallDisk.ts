import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../../src/base/systemError.js';

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

  setReadOnly(readOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, this.folder]);
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
