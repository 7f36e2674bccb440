import type { EnvironmentSpec } from '../../environment/environmentSpec.js';
import type { ExaminedCluster } from './examinedCluster.js';

/** Something that is wrong, or may well be: what, where, and what to do about it. */
export interface Finding {
  /** `wrong`: it does not work, or is not safe, until that is mended. `doubtful`: it may be as it is. */
  readonly severity: 'wrong' | 'doubtful';
  /** A whole sentence. */
  readonly what: string;
  /** A path, an address, or the name of what it is about. */
  readonly where: string;
  /** A whole sentence, with the command where there is one. */
  readonly fix: string;
}

/** What is looked at: this computer and what lies on it. Nothing of it is changed. */
export interface Examined {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where this user's clusters on this computer lie. */
  readonly state: string;
  /** Everything that lies there and may be a cluster, ended ones too. */
  readonly clusters: readonly ExaminedCluster[];
  /** Of this program: its wheel and unpacked package. */
  readonly bundle: string;
  /** The Python that is meant to be used, where somebody has said so. */
  readonly environment: EnvironmentSpec | undefined;
  readonly nodeVersion: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly signal: AbortSignal | undefined;
}

/** One thing that the doctor looks at. */
export interface Check {
  /** Stable and searchable. */
  readonly id: string;
  /** What is all right when nothing is found: `keepers run`. */
  readonly title: string;
  find(examined: Examined): Promise<readonly Finding[]>;
}

/** @returns what is wrong with any of them */
export async function findEach<T>(
  all: readonly T[],
  find: (one: T) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  return (await Promise.all(all.map(find))).flat();
}
