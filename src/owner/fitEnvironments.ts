import { SitespanError } from '../base/errors.js';
import { describeEnvironment } from '../environment/describe.js';
import type { EnvironmentDescription } from '../environment/description.js';
import type { FoundEnvironment } from '../environment/find/candidate.js';
import { unfitness } from '../environment/fitness.js';
import { formatEnvironment } from '../environment/parseEnvironment.js';

/** A found environment, and whether a cluster can be made of it. */
export interface FitEnvironment extends FoundEnvironment {
  /** As it is written in options and settings. */
  readonly text: string;
  /** What it has; undefined until it has been asked, or where it cannot say. */
  readonly has: EnvironmentDescription | undefined;
  /** Whether a notebook's kernel can run in it, too. */
  readonly forNotebooks: boolean;
  /** Why no cluster can be made of it; undefined where one can, or where it has not been asked yet. */
  readonly unfit: SitespanError | undefined;
}

/** Starting many interpreters at once helps nobody. */
const atOnce = 3;

/**
 * Enters environments of this computer and lets each say what it has, a few at a time.
 *
 * @param tell called with all of them each time one has answered
 * @throws the signal's reason when aborted
 */
export async function fitEnvironments(
  found: readonly FoundEnvironment[],
  packageFolder: string,
  tell: (environments: readonly FitEnvironment[]) => void,
  signal?: AbortSignal,
): Promise<readonly FitEnvironment[]> {
  const rows: FitEnvironment[] = found.map(unasked);
  tell([...rows]);
  const rest = [...found.entries()];
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [index, one] = next;
      rows[index] = await ask(one, packageFolder, signal);
      tell([...rows]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return rows;
}

function unasked(found: FoundEnvironment): FitEnvironment {
  return { ...found, text: formatEnvironment(found.spec), has: undefined, forNotebooks: false, unfit: undefined };
}

async function ask(found: FoundEnvironment, packageFolder: string, signal?: AbortSignal): Promise<FitEnvironment> {
  const row = unasked(found);
  try {
    const has = await describeEnvironment(found.spec, packageFolder, { signal });
    const forNotebooks = unfitness(row.text, has, 'kernel') === undefined;
    return { ...row, has, forNotebooks, unfit: unfitness(row.text, has, 'cluster') };
  } catch (error) {
    signal?.throwIfAborted();
    if (!SitespanError.is(error)) throw error;
    return { ...row, unfit: error };
  }
}
