import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { socketPath } from '../base/runtimePaths.js';
import { attachCluster, makeCluster, type OpenedCluster, openCluster } from '../owner/openCluster.js';
import { bundleFolder } from './bundleFolder.js';

/** What a program asks for on stdin: how to make the cluster, if there is none of that name. */
const wish = z.strictObject({
  /** False: only one that is there already. */
  create: z.boolean().default(true),
  python: z.string().min(1).default('python3'),
  localSites: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        slots: z.int().min(1),
        enter: z.array(z.string()).default([]),
      }),
    )
    .min(1)
    .default([{ name: 'local', slots: 64, enter: [] }]),
});

/**
 * `sitespan ensure NAME`, for programs (docs/python.md): a cluster of that name, made where there is none, whose keeper runs.
 *
 * Reads a JSON object from stdin and prints one: `{"name", "folder", "socket", "created"}`, or `{"code", "message"}` with
 * exit code 1. So that only this program knows how a cluster is made and its keeper started.
 */
export async function runEnsure(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...argv], options: {}, allowPositionals: true });
  try {
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new SitespanError('usage', 'sitespan ensure NAME <WISH.json');
    print(await ensure(name, parseWish(await text(process.stdin))));
    return 0;
  } catch (error) {
    if (!SitespanError.is(error)) throw error;
    print({ code: error.code, message: error.message });
    return 1;
  }
}

async function ensure(name: string, { create, ...how }: z.output<typeof wish>): Promise<object> {
  const opened = create ? await makeCluster({ name, bundle: bundleFolder(), ...how }) : await attach(name);
  try {
    const folder = opened.client.folder.path;
    return { name, folder, socket: await socketPath(folder), created: opened.created };
  } finally {
    opened.client.dispose();
  }
}

async function attach(name: string): Promise<OpenedCluster> {
  // Where there is none, opening it says what has become of it.
  return { client: (await attachCluster(name)) ?? (await openCluster(name)), created: false };
}

function parseWish(said: string): z.output<typeof wish> {
  try {
    return wish.parse(said.trim() === '' ? {} : JSON.parse(said));
  } catch (cause) {
    throw new SitespanError(
      'bad-request',
      'What "sitespan ensure" was given on its stdin is not what it understands.',
      {
        cause,
      },
    );
  }
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
