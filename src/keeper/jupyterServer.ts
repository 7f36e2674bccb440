import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { pauseMs } from '../base/backoff.js';
import { adoptKept, endKept, exitOf, keptOf, startKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { privateFolder } from '../base/privateFolder.js';
import { runtimeFolder } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { until } from '../base/waiting.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { describeEnvironment } from '../environment/describe.js';
import { enter } from '../environment/enter.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { unfitness } from '../environment/fitness.js';
import { lastWords } from '../environment/lastWords.js';
import { formatEnvironment } from '../environment/parseEnvironment.js';
import type { Identity } from '../relay/identity.js';
import type { JupyterAddress } from './api.js';
import { clientVariables } from './clientVariables.js';
import { environmentOf } from './clusterFolder.js';

const startSeconds = 45;
const endGraceMs = 5000;
const logLimitBytes = 5_000_000;
/** One that ends again and again is started ever more seldom; once it has lasted, at once. */
const pauses = { firstMs: 1000, maxMs: 60_000 };
const lastedMs = 60_000;

const httpFile = z.object({ port: z.int(), pid: z.int(), version: z.string() });

export interface JupyterServerOptions {
  /** The kept child's folder. */
  readonly folder: string;
  /** Name of the cluster. */
  readonly cluster: string;
  readonly python: string;
  /** Before `python`. */
  readonly environment?: EnvironmentSpec | undefined;
  readonly packageFolder: string;
  /** Of its kernels, which are all the same client. */
  readonly identity: Identity;
  /** Whether an earlier keeper was asked for it. */
  readonly wanted: boolean;
  /** Notes that it is wanted, before it is started. */
  readonly want: () => Promise<void>;
  readonly onProblem: (error: unknown) => void;
}

/**
 * The cluster as a Jupyter server on 127.0.0.1, for front ends that want one (docs/jupyter.md): a kept process of the user's
 * Python, started when it is first asked for, and again when it dies.
 *
 * Each start has a new port and a new token. Its kernels have died with it anyway, and who took the old port meanwhile could
 * be shown a token that is still good.
 */
export class JupyterServer {
  private wanted: boolean;
  private http: z.infer<typeof httpFile> | undefined;
  private launching: Promise<void> | undefined;
  private attempts = 0;
  private notBefore = 0;
  private readonly closing = new AbortController();

  constructor(private readonly options: JupyterServerOptions) {
    this.wanted = options.wanted;
  }

  /** Where it listens; undefined while it does not. */
  get port(): number | undefined {
    return this.http?.port;
  }

  /**
   * Its address, once it answers; from then on it is kept.
   *
   * @throws SitespanError `jupyter-missing` where the cluster's environment has none, `jupyter-start-failed` with its last words
   */
  async start(): Promise<JupyterAddress> {
    const { folder, want } = this.options;
    await this.once(async () => {
      if ((await adoptKept(folder)) !== undefined) return;
      await this.checkEnvironment();
      if (!this.wanted) await want();
      this.wanted = true;
      this.attempts = 0;
      await this.launch();
    });
    await until(
      async () => {
        if ((await exitOf(folder)) !== undefined) throw await this.hasEnded();
        await this.readHttp();
        return this.http !== undefined;
      },
      {
        timeoutMs: startSeconds * 1000,
        what: "The Jupyter server's start on this computer",
        signal: this.closing.signal,
      },
    );
    if (this.http === undefined) throw await this.hasEnded();
    const token = await readFile(this.tokenFile, 'utf8');
    return { url: `http://127.0.0.1:${this.http.port}/`, token, version: this.http.version };
  }

  /** Starts it again where it has ended. @returns whether its port has changed */
  async look(): Promise<boolean> {
    if (!this.wanted || this.launching !== undefined || this.closing.signal.aborted) return false;
    const before = this.port;
    if ((await adoptKept(this.options.folder)) !== undefined) await this.readHttp();
    else {
      this.http = undefined;
      // What keeps it from starting must not keep the cluster from anything.
      if (Date.now() >= this.notBefore) await this.once(() => this.mend()).catch(this.options.onProblem);
    }
    return this.port !== before;
  }

  /** Ends it and its kernels; it is not started again. */
  async end(): Promise<void> {
    this.closing.abort(new SitespanError('cluster-closing', `The cluster ${this.options.cluster} is being closed.`));
    await this.launching?.catch(() => undefined);
    await endKept(this.options.folder, { graceMs: endGraceMs });
  }

  private get tokenFile(): string {
    return join(this.options.folder, 'token');
  }

  /** Two that would start it are one. */
  private once(work: () => Promise<void>): Promise<void> {
    this.launching ??= work().finally(() => {
      this.launching = undefined;
    });
    return this.launching;
  }

  private async mend(): Promise<void> {
    const kept = await keptOf(this.options.folder);
    if (kept !== undefined) {
      this.options.onProblem(await this.hasEnded());
      const exit = await exitOf(this.options.folder);
      if ((exit?.atMs ?? 0) - kept.startedAtMs > lastedMs) this.attempts = 0;
    }
    await this.launch();
  }

  private async launch(): Promise<void> {
    const { folder, cluster, packageFolder, identity } = this.options;
    this.closing.signal.throwIfAborted();
    this.attempts++;
    this.notBefore = Date.now() + pauseMs(this.attempts, pauses, () => 1);
    await privateFolder(folder);
    this.http = undefined;
    await rm(join(folder, 'http.json'), { force: true });
    await writeAtomically(this.tokenFile, randomBytes(24).toString('base64url'));
    const identityFile = join(folder, 'identity.json');
    await writeAtomically(identityFile, JSON.stringify(identity));
    const args = ['-m', 'sitespan.jupyter', '--folder', folder, '--name', cluster];
    const additions = clientVariables(identityFile);
    // In the last its kernels' sockets are made.
    const folders = [folder, await runtimeFolder()];
    await startKept({
      folder,
      ...enter(environmentOf(this.options), packageFolder, args, { additions, folders }),
      cwd: folder,
      logLimitBytes,
    });
  }

  private async readHttp(): Promise<void> {
    const text = await unlessAbsent(readFile(join(this.options.folder, 'http.json'), 'utf8'));
    this.http = text === undefined ? undefined : httpFile.parse(JSON.parse(text));
  }

  /** Asked each time: what was missing may have been installed. */
  private async checkEnvironment(): Promise<void> {
    const spec = environmentOf(this.options);
    const has = await describeEnvironment(spec, this.options.packageFolder, { signal: this.closing.signal });
    const unfit = unfitness(formatEnvironment(spec), has, 'jupyter');
    if (unfit === undefined) return;
    throw new SitespanError(
      'jupyter-missing',
      `The cluster ${this.options.cluster} cannot be offered as a Jupyter server: ${unfit.message}`,
      { cause: unfit },
    );
  }

  private async hasEnded(): Promise<SitespanError> {
    const { folder, cluster } = this.options;
    const log = (await unlessAbsent(readFile(join(folder, 'log'), 'utf8'))) ?? '';
    return new SitespanError(
      'jupyter-start-failed',
      `The Jupyter server of the cluster ${cluster} on this computer has ended: ${lastWords(log)}; its log is ${join(folder, 'log')}.`,
    );
  }
}
