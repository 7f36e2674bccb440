import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EnvironmentSpec } from '../environmentSpec.js';

/** An environment that is there, not looked into yet. */
export interface FoundEnvironment {
  readonly spec: EnvironmentSpec;
  /** For a list: what it is, in a few words. */
  readonly label: string;
}

/** One found environment and what makes it the same as another. */
export interface Candidate extends FoundEnvironment {
  readonly identity: string;
}

/**
 * The environment of an interpreter: a conda prefix where it lies in one, else the interpreter.
 *
 * The python of a virtual environment is a link to the one that it was made from and still another environment, so the folder
 * tells them apart; other links to the same file are the same.
 *
 * @param label undefined where the place says it all
 */
export async function interpreter(python: string, label: string | undefined): Promise<Candidate | undefined> {
  if (!(await canRun(python))) return undefined;
  const prefix = dirname(dirname(python));
  if (await exists(join(prefix, 'conda-meta'))) return condaPrefix(prefix, label);
  if (await exists(join(prefix, 'pyvenv.cfg'))) {
    return {
      spec: { kind: 'python', python },
      label: label ?? `virtual environment ${nameOfVenv(prefix)}`,
      identity: `${await realpath(prefix)}/bin/python`,
    };
  }
  const target = await realpath(python);
  const prefixOfTarget = dirname(dirname(target));
  if (await exists(join(prefixOfTarget, 'conda-meta'))) return condaPrefix(prefixOfTarget, label);
  return { spec: { kind: 'python', python }, label: label ?? basename(python), identity: target };
}

/** A conda prefix that has a Python; others are for other things. */
export async function condaPrefix(prefix: string, label: string | undefined): Promise<Candidate | undefined> {
  if (!(await canRun(join(prefix, 'bin', 'python')))) return undefined;
  const isBase = await exists(join(prefix, 'condabin'));
  return {
    spec: { kind: 'conda', prefix },
    label: label ?? (isBase ? `conda base (${basename(prefix)})` : `conda ${basename(prefix)}`),
    identity: `${await realpath(prefix)}/bin/python`,
  };
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function canRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** `.venv` alone says nothing; the folder that it belongs to does. */
function nameOfVenv(prefix: string): string {
  const name = basename(prefix);
  return /^\.?(venv|env)$/.test(name) ? `of ${basename(dirname(prefix))}` : name;
}
