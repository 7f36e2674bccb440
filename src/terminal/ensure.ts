import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { socketPath } from '../base/runtimePaths.js';
import { until } from '../base/waiting.js';
import { calls } from '../keeper/api.js';
import { KeeperClient } from '../keeper/client.js';
import { createCluster, findCluster, type NewCluster } from '../keeper/clusters.js';

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

type Folder = Awaited<ReturnType<typeof findCluster>>;

/** How long a cluster of that name that is being closed may take to be gone. */
const endSeconds = 60;

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
  const bundle = dirname(resolve(process.argv[1] ?? ''));
  const made: NewCluster = { name, bundle, ...how };
  for (;;) {
    const there = await findCluster(name).catch((error: unknown) => {
      if (create && SitespanError.is(error, 'cluster-unknown')) return undefined;
      throw error;
    });
    if (there === undefined) {
      const folder = await createUnlessThere(made);
      if (folder === undefined) continue;
      // One that ends at once, as where its scheduler cannot start, says why in its journal.
      (await connectUnlessGone(folder, name))?.dispose();
      return answerOf(name, folder, true);
    }
    const client = await connectUnlessGone(there, name);
    if (client === undefined) continue;
    try {
      const { phase } = await client.call(calls.clusterState, {});
      if (phase !== 'closing' && phase !== 'failed') return answerOf(name, there, false);
      // The predecessor of that name is on its way out: nobody's wish is to work on that one.
      await until(() => client.hasEnded(), {
        timeoutMs: endSeconds * 1000,
        what: `The end of the old cluster ${name}`,
      });
    } finally {
      client.dispose();
    }
  }
}

async function answerOf(name: string, folder: Folder, created: boolean): Promise<object> {
  return { name, folder: folder.path, socket: await socketPath(folder.path), created };
}

/** @returns undefined where its keeper went by its own will at this moment */
async function connectUnlessGone(folder: Folder, name: string): Promise<KeeperClient | undefined> {
  try {
    return await KeeperClient.connect(folder, (error) => {
      throw error;
    });
  } catch (error) {
    const gone = await findCluster(name).then(
      () => false,
      (why: unknown) => SitespanError.is(why, 'cluster-unknown'),
    );
    if (gone) return undefined;
    throw error;
  }
}

/** @returns undefined where another process was quicker */
function createUnlessThere(made: NewCluster) {
  return createCluster(made).catch((error: unknown) => {
    if (SitespanError.is(error, 'cluster-exists')) return undefined;
    throw error;
  });
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
