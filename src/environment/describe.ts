import { access, constants, stat } from 'node:fs/promises';
import { runLeashed } from '../base/child/leashed.js';
import { SitespanError } from '../base/errors.js';
import { isSystemError } from '../base/systemError.js';
import { type EnvironmentDescription, environmentDescription } from './description.js';
import { enter } from './enter.js';
import type { EnvironmentSpec } from './environmentSpec.js';
import { lastWords } from './lastWords.js';
import { formatEnvironment } from './parseEnvironment.js';

/** The first start from a CVMFS that has nothing cached takes most of a minute. */
const defaultTimeoutMs = 60_000;

export interface DescribeOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Enters an environment on this computer and lets it say what it has.
 *
 * @param packageFolder our Python package, unpacked
 * @throws SitespanError `environment-missing`, `environment-not-executable`, `environment-failed`, `environment-too-old`,
 *   `environment-strange`, `environment-timeout`, each a sentence; the signal's reason when aborted
 */
export async function describeEnvironment(
  spec: EnvironmentSpec,
  packageFolder: string,
  { timeoutMs = defaultTimeoutMs, signal, env = process.env }: DescribeOptions = {},
): Promise<EnvironmentDescription> {
  if (spec.kind === 'python' && spec.python.includes('/')) await checkInterpreter(spec.python);
  const entered = enter(spec, packageFolder, ['-m', 'sitespan.environment'], { env });
  const name = formatEnvironment(spec);
  const { exitCode, stdout, stderr } = await runLeashed({ ...entered, timeoutMs, signal }).catch((error: unknown) => {
    if (!SitespanError.is(error, 'command-timeout')) throw error;
    const limit = `${timeoutMs / 1000} s`;
    throw failure(
      'timeout',
      `The environment ${name} on this computer said nothing within ${limit}; try again, or choose another.`,
      error,
    );
  });
  if (exitCode !== 0) throw failureOf(spec, exitCode, stderr);
  // What a start-up file of the environment prints comes before.
  const line = stdout.split('\n').findLast((text) => text.startsWith('{')) ?? '';
  const parsed = environmentDescription.safeParse(parsedJson(line));
  if (parsed.success) return parsed.data;
  throw failure(
    'strange',
    `${name} on this computer is not a Python that can be used: asked what it has, it says ${JSON.stringify(stdout.trim().slice(-100))}; choose another environment.`,
  );
}

/** What the system says of these two is in words that differ from shell to shell. */
async function checkInterpreter(python: string): Promise<void> {
  try {
    if ((await stat(python)).isDirectory()) {
      throw failure(
        'not-executable',
        `${python} on this computer is a folder; give the interpreter in it (${python.replace(/\/+$/, '')}/bin/python), or conda:${python} for a conda prefix.`,
      );
    }
    await access(python, constants.X_OK);
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ENOTDIR')) {
      throw failure(
        'missing',
        `There is no interpreter ${python} on this computer; give the path of one that is there.`,
        error,
      );
    }
    if (isSystemError(error, 'EACCES')) {
      throw failure(
        'not-executable',
        `${python} on this computer may not be run (chmod +x, if it is yours); choose another interpreter.`,
        error,
      );
    }
    throw error;
  }
}

function failureOf(spec: EnvironmentSpec, exitCode: number, stderr: string): SitespanError {
  const name = formatEnvironment(spec);
  const said = lastWords(stderr);
  if (/^sitespan: .*too old/m.test(stderr)) return failure('too-old', `The environment cannot be used: ${said}.`);
  if (/^sitespan: .*there is no/m.test(stderr)) return failure('missing', `The environment cannot be used: ${said}.`);
  if (/^sitespan: /m.test(stderr)) return failure('failed', `The environment cannot be used: ${said}.`);
  // Python 2 and the first of 3 do not get as far as telling their version.
  if (/^\s*SyntaxError: /m.test(stderr) || /'future feature annotations/.test(stderr)) {
    return failure(
      'too-old',
      `${name} on this computer is too old a Python to be asked what it has; give Python 3.10 or newer.`,
    );
  }
  if (exitCode === 127 && spec.kind === 'python') {
    return failure(
      'missing',
      `There is no interpreter ${name} in PATH on this computer; give its path, or set up the environment that has it.`,
    );
  }
  return failure(
    'failed',
    `The Python of ${name} on this computer failed with exit code ${exitCode}: ${said}; mend it, or choose another environment.`,
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(code: string, message: string, cause?: unknown): SitespanError {
  return new SitespanError(`environment-${code}`, message, { cause });
}
