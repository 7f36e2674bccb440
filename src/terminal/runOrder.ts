import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { isSystemError, unlessAbsent } from '../base/systemError.js';
import { parseNotebook } from '../notebook/notebook.js';
import { parseParameters } from '../notebook/parameters.js';
import { scriptNotebook } from '../notebook/script.js';

/** What `sitespan run` was asked to do, looked over before anything is started. */
export interface RunOrder {
  /** Absolute: the notebook or Python file. */
  readonly path: string;
  /** A notebook that stands for the Python file. */
  readonly script: string | undefined;
  readonly save: string;
  /** How many cells there are to run. */
  readonly cells: number;
  /** Whether parameters that an earlier run has put in are replaced, not added. */
  readonly hasInjected: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cluster: string | undefined;
  /** One that runs already; none for a new one. */
  readonly kernel: string | undefined;
  readonly detach: boolean;
  readonly keep: boolean;
  /** Whether coffea-casa's address is the cluster's in the kernel that is started. */
  readonly coffeaCasa: boolean;
}

const usage = 'sitespan run FILE [--cluster NAME] [-p NAME=VALUE]… [-- ARGUMENTS]; "sitespan help run" shows more.';

/** @throws SitespanError `usage`, `notebook-missing`, `not-a-notebook`, `folder-missing` */
export async function readRunOrder(argv: readonly string[]): Promise<RunOrder> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      cluster: { type: 'string', short: 'c' },
      kernel: { type: 'string', default: 'new' },
      output: { type: 'string', short: 'o' },
      parameter: { type: 'string', short: 'p', multiple: true, default: [] },
      detach: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      'coffea-casa': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [file, ...args] = positionals;
  if (file === undefined) throw new SitespanError('usage', usage);
  const coffeaCasa = values['coffea-casa'];
  if (coffeaCasa && values.kernel !== 'new') {
    throw new SitespanError(
      'usage',
      `--coffea-casa is for a kernel that is started: ${values.kernel} has run already, and keeps what it was started with.`,
    );
  }
  const path = resolve(file);
  const isScript = extname(path) === '.py';
  if (!isScript && args.length > 0) {
    throw new SitespanError('usage', `A notebook takes its parameters by -p NAME=VALUE, not as ${args.join(' ')}.`);
  }
  const parameters = parseParameters(values.parameter);
  const text = await readable(path);
  const cells = isScript ? 1 : parseNotebook(text, file).filter(({ source }) => source.trim() !== '').length;
  return {
    path,
    script: isScript ? scriptNotebook(path, args) : undefined,
    save: await writable(values.output ?? join(dirname(path), `${basename(path, extname(path))}-executed.ipynb`)),
    cells,
    hasInjected: !isScript && text.includes('"injected-parameters"'),
    parameters,
    cluster: values.cluster,
    kernel: values.kernel === 'new' ? undefined : values.kernel,
    detach: values.detach,
    keep: values.keep,
    coffeaCasa,
  };
}

async function readable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = isSystemError(error, 'ENOENT') ? 'there is no such file' : String(error);
    throw new SitespanError('notebook-missing', `${path} cannot be run on this computer: ${why}.`, { cause: error });
  }
}

async function writable(path: string): Promise<string> {
  const folder = dirname(resolve(path));
  if ((await unlessAbsent(stat(folder)))?.isDirectory()) return resolve(path);
  throw new SitespanError(
    'folder-missing',
    `The executed notebook cannot be written to ${path}: there is no folder ${folder} on this computer.`,
  );
}
