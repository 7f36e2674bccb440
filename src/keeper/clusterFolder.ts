import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { isSystemError } from '../base/systemError.js';
import { type EnvironmentSpec, environmentSpec } from '../environment/environmentSpec.js';
import { gridSpecs } from '../grid/gridSpec.js';
import { relayAddressSchema } from '../relay/identity.js';
import { clusterName } from './api.js';

/** A site of this computer: its slots, and optionally a command that puts its jobs behind the site's own firewall. */
export const localSite = z.strictObject({
  name: z.string().min(1),
  slots: z.int().min(1),
  /** e.g. `['ip', 'netns', 'exec', 'site-a']`. */
  enter: z.array(z.string()).default([]),
});
export type LocalSite = z.infer<typeof localSite>;

/** What keeps a cluster from costing its sites more than its owner meant. */
export const clusterLimits = z
  .strictObject({
    /** When nothing has run for so long, the pools drain; 0 for never. */
    idleMinutes: z.number().min(0).default(30),
    /** So many workers in all of the cluster are asked for without a second word. */
    workersUnconfirmed: z.int().min(0).default(50),
    /** A kernel that has nothing to do, and that nobody looks at, ends after so long; 0 for never. */
    kernelIdleMinutes: z.number().min(0).default(1440),
    /** A worker that cannot reach its cluster tries for so long, 600 s unless told otherwise. */
    enrolSeconds: z.int().min(1).optional(),
    /** A grid's first jobs may wait so long for a place before that is said, 600 s unless told otherwise. */
    firstMatchSeconds: z.int().min(1).optional(),
    /** A worker that vanished, and whose grid takes it for running, is given up after so long, 180 s unless told otherwise. */
    lostSeconds: z.int().min(1).optional(),
  })
  .prefault({});
export type ClusterLimits = z.infer<typeof clusterLimits>;

/** How adaptive pools follow the scheduler: a look every so often, and smaller after so many that said so. */
export const adaptingPace = z
  .strictObject({
    intervalSeconds: z.number().positive().default(5),
    waitCount: z.int().min(1).default(6),
  })
  .prefault({});

/** The name of the grid that this computer is. */
export const localGrid = 'local';

/** What was decided when a cluster was made; never changes. Lies in `cluster.json`. A newer version's further fields are left to its own keeper. */
export const clusterSettings = z.object({
  version: z.literal(1),
  name: clusterName,
  /** `<name>-<6 hex>`: a name used again is another cluster. */
  id: z.string(),
  tenant: z.string(),
  /** Interpreter of the scheduler and the kernels. */
  python: z.string().min(1),
  /** How to get the Python of the scheduler and the kernels, where that is not just an interpreter. */
  environment: environmentSpec.optional(),
  /** `own`: a relay of this cluster's, listening on `host`, reached by `host` too; else a relay that others run. */
  relay: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('own'), host: z.string().default('127.0.0.1'), port: z.int().default(0) }),
    z.strictObject({ kind: z.literal('other'), address: relayAddressSchema }),
  ]),
  localSites: z.array(localSite).min(1),
  /** Other grids, by the name that pools give. */
  grids: gridSpecs.default({}),
  /** Begins the mark of its jobs, with the cluster's own; absent where all its jobs are this computer's. */
  installation: z.string().optional(),
  limits: clusterLimits,
  adapting: adaptingPace,
});
export type ClusterSettings = z.infer<typeof clusterSettings>;

const newerVersion = z.object({ version: z.number().gt(1) });

/** Of a cluster, a pool or a kernel: its environment, which may be given as an interpreter only. */
export function environmentOf(of: {
  readonly python: string;
  readonly environment?: EnvironmentSpec | undefined;
}): EnvironmentSpec {
  return of.environment ?? { kind: 'python', python: of.python };
}

/** Where each thing of a cluster lies: docs/architecture.md, "Cluster folder". */
export class ClusterFolder {
  readonly settings: string;
  readonly journal: string;
  readonly curve: string;
  readonly caCertificate: string;
  readonly caKey: string;
  readonly userKey: string;
  readonly relay: string;
  readonly scheduler: string;
  readonly keeper: string;
  readonly kernels: string;
  readonly jupyter: string;
  readonly local: string;
  readonly payload: string;
  readonly bundle: string;

  constructor(readonly path: string) {
    this.settings = join(path, 'cluster.json');
    this.journal = join(path, 'journal.jsonl');
    this.curve = join(path, 'throughput.jsonl');
    this.caCertificate = join(path, 'ca.pem');
    this.caKey = join(path, 'ca.key');
    this.userKey = join(path, 'user.key');
    this.relay = join(path, 'relay');
    this.scheduler = join(path, 'scheduler');
    this.keeper = join(path, 'keeper');
    this.kernels = join(path, 'kernels');
    this.jupyter = join(path, 'jupyter');
    this.local = join(path, 'local');
    this.payload = join(path, 'payload');
    this.bundle = join(path, 'bundle');
  }

  /** The code that this cluster was born with. */
  get program(): string {
    return join(this.bundle, 'cli.mjs');
  }

  /** Our Python package, unpacked, for the user's interpreter. */
  get python(): string {
    return join(this.bundle, 'python');
  }

  kernel(id: string): string {
    return join(this.kernels, id);
  }

  /** @throws SitespanError `cluster-unknown` where there is none, `cluster-damaged` where its settings cannot be read. */
  async readSettings(): Promise<ClusterSettings> {
    let text: string;
    try {
      text = await readFile(this.settings, 'utf8');
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) {
        throw new SitespanError(
          'cluster-unknown',
          `There is no cluster in ${this.path} on this computer; "sitespan list" shows those there are.`,
        );
      }
      throw error;
    }
    const json = parsedJson(text);
    const settings = clusterSettings.safeParse(json);
    if (settings.success) return settings.data;
    const { error: cause } = settings;
    if (json !== undefined && newerVersion.safeParse(json).success) {
      throw new SitespanError(
        'cluster-newer',
        `The cluster in ${this.path} was made by a newer version of Sitespan than this program; update this one, or use the cluster's own: ${this.program}.`,
        { cause },
      );
    }
    throw new SitespanError(
      'cluster-damaged',
      `The settings of the cluster in ${this.path} on this computer cannot be read (${this.settings}); put that file back, or remove the folder and make the cluster again.`,
      { cause },
    );
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
