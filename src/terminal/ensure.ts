import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { socketPath } from '../base/runtimePaths.js';
import { type GridPlace, gridPlace } from '../owner/gridPlace.js';
import { attachCluster, makeCluster, type OpenedCluster, openCluster } from '../owner/openCluster.js';
import { otherRelay } from '../owner/otherRelay.js';
import { bundleFolder } from './bundleFolder.js';
import { type EnsureWish, parseEnsureWish } from './ensureWish.js';

/** How programs answer a question about a grid: those of `sitespan.DiracCluster`. */
const pythonWords = { setup: 'setup=', vo: 'vo=', group: 'owner_group=', sites: 'dirac_sites=' } as const;

/**
 * `sitespan ensure NAME`, for programs (docs/python.md): a cluster of that name, made where there is none, whose keeper runs.
 *
 * Reads a JSON object from stdin and prints one: `{"name", "folder", "socket", "created", "pool"?}`, or
 * `{"code", "message"}` with exit code 1. So that only this program knows how a cluster is made, its keeper started and a
 * grid found out.
 */
export async function runEnsure(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...argv], options: {}, allowPositionals: true });
  try {
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new SitespanError('usage', 'sitespan ensure NAME <WISH.json');
    print(await ensure(name, parseEnsureWish(await text(process.stdin))));
    return 0;
  } catch (error) {
    if (!SitespanError.is(error)) throw error;
    print({ code: error.code, message: error.message });
    return 1;
  }
}

async function ensure(name: string, wish: EnsureWish): Promise<object> {
  const { client, created, place } = wish.create
    ? await make(name, wish)
    : { ...(await attach(name)), place: undefined };
  try {
    const folder = client.folder.path;
    return {
      ...{ name, folder, socket: await socketPath(folder), created },
      // Only who makes the cluster makes its first pool.
      ...(created && place !== undefined ? { pool: poolOf(place, wish) } : {}),
    };
  } finally {
    client.dispose();
  }
}

async function make(
  name: string,
  { pool, relay, python, localSites }: EnsureWish,
): Promise<OpenedCluster & { readonly place: GridPlace | undefined }> {
  // A grid is not asked for a cluster that is there.
  const there = pool === undefined ? undefined : await attachCluster(name);
  if (there !== undefined) return { client: there, created: false, place: undefined };
  const place = pool === undefined ? undefined : await gridPlace(pool.grid, pool.sites, pythonWords);
  const opened = await makeCluster({
    ...{ name, bundle: bundleFolder(), python, localSites },
    ...(relay === undefined ? {} : await otherRelay(relay)),
    ...(place === undefined ? {} : { grids: { [place.grid]: place.spec } }),
  });
  return { ...opened, place };
}

/** What it says of where its workers go, for the keeper's `createPool`. */
function poolOf({ grid, sites }: GridPlace, { pool }: EnsureWish): object {
  return { grid, sites, ...(pool?.environment === undefined ? {} : { environment: pool.environment }) };
}

async function attach(name: string): Promise<OpenedCluster> {
  // Where there is none, opening it says what has become of it.
  return { client: (await attachCluster(name)) ?? (await openCluster(name)), created: false };
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
