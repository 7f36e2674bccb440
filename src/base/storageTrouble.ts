import { SitespanError } from './errors.js';

interface Trouble {
  readonly code: string;
  readonly sentence: (where: string) => string;
}

const troubles: Readonly<Record<string, Trouble>> = {
  ENOSPC: {
    code: 'disk-full',
    sentence: (where) => `the disk of ${where} on this computer is full; make room there and try again`,
  },
  EDQUOT: {
    code: 'quota-used-up',
    sentence: (where) => `your quota on the disk of ${where} is used up; remove something there and try again`,
  },
  EROFS: {
    code: 'disk-read-only',
    sentence: (where) =>
      `the disk of ${where} on this computer is read-only; ask its administrator, or set XDG_STATE_HOME to a folder that can be written`,
  },
  EACCES: {
    code: 'not-allowed',
    sentence: (where) =>
      `you may not write ${where} on this computer; ask its owner, or set XDG_STATE_HOME to a folder of yours`,
  },
  EIO: { code: 'disk-failed', sentence: (where) => `the disk or file server of ${where} failed; try again later` },
  ESTALE: {
    code: 'disk-failed',
    sentence: (where) => `the file server of ${where} no longer answers; try again later`,
  },
};

/**
 * The system's error as a sentence, where it is the storage's: full, over quota, read-only, not ours, broken.
 *
 * @param what what could not be done, as a sentence's beginning: "The cluster x could not be made"
 * @param where the file, where the error does not name one
 */
export function storageTrouble(error: unknown, what: string, where = 'your files'): SitespanError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const trouble = troubles[String(error.code)];
  if (trouble === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : where;
  return new SitespanError(trouble.code, `${what}: ${trouble.sentence(path)}.`, { cause: error });
}
