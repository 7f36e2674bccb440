import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { retry } from '../../../src/base/backoff.js';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { type DiracSpec, diracSpec } from '../../../src/grid/gridSpec.js';
import type { WalledSites } from '../net/walledSites.js';
import {
  localConfiguration,
  masterConfiguration,
  nodeConfiguration,
  type RigFacts,
  servedConfiguration,
  setup,
  vo,
} from './configuration.js';
import { startDatabase } from './database.js';
import { install } from './install.mjs';
import { GridPki, type Person, people } from './pki.js';
import { type Caller, rigCall } from './rigCall.js';
import { RigProcesses, ServiceEnded } from './rigProcesses.js';
import { configurationText } from './section.js';

/** Two with nodes, and one without: jobs for that one wait. */
export const sites = {
  bristol: 'LCG.UKI-SOUTHGRID-BRIS-HEP.uk',
  ralpp: 'LCG.UKI-SOUTHGRID-RALPP.uk',
  brunel: 'LCG.UKI-LT2-Brunel.uk',
} as const;
const withNodes: readonly string[] = [sites.bristol, sites.ralpp];
/** Jobs that a site runs at once. */
const slots = 4;

export interface RigOptions {
  /**
   * Where the nodes are, in their order, and what lies between: then DIRAC is known by the hub's address. Outside of it unless
   * told otherwise.
   */
  readonly walled?: WalledSites | undefined;
}

/**
 * A real DIRAC 8 of one test's own: MariaDB, the services over HTTPS with a PKI of its own, the optimizers, and the nodes of two
 * sites, which run jobs as processes of this computer; behind firewalls where it is given some.
 * `test/rigs/dirac/install.mjs` installs it first.
 */
export class DiracRig {
  private constructor(
    private readonly processes: RigProcesses,
    readonly pki: GridPki,
    private readonly venv: string,
    private readonly walled: WalledSites | undefined,
    readonly url: string,
    /** Its configuration server, which is a process and a port of its own. */
    readonly configuration: string,
  ) {}

  static async start({ walled }: RigOptions = {}): Promise<DiracRig> {
    const venv = join(await install(), 'venv');
    return retry(() => DiracRig.startOnce(venv, walled), {
      attempts: 3,
      retryIf: (error) => error instanceof ServiceEnded,
    });
  }

  private static async startOnce(venv: string, walled: WalledSites | undefined): Promise<DiracRig> {
    const folder = await mkdtemp(join(tmpdir(), 'dirac-'));
    for (const name of ['log', 'etc', 'sandboxes', 'pki']) await mkdir(join(folder, name), { mode: 0o700 });
    const pki = await GridPki.make(join(folder, 'pki'), walled === undefined ? [] : [walled.hub]);
    const processes = new RigProcesses(folder, {
      ...{ HOME: folder, LANG: 'C.UTF-8', PATH: `${venv}/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
      ...{ DIRAC_ROOT_PATH: folder, DIRAC_NO_CFG: '1', X509_CERT_DIR: pki.authorities },
    });
    const rig = new DiracRig(processes, pki, venv, walled, '', '');
    try {
      return await rig.launch();
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  /** A cluster's settings for it, for alice unless told otherwise. */
  spec(person: Person = 'alice', changes: Partial<DiracSpec> = {}): DiracSpec {
    return diracSpec.parse({
      ...{ kind: 'dirac', url: this.url, setup, vo, group: people[person], sites: Object.values(sites) },
      ...{ proxy: this.pki.proxyOf(person), caDirectory: this.pki.authorities, pollSeconds: 0.5 },
      ...changes,
    });
  }

  /** Calls it as somebody, by code of the rig's own. */
  call(person: Person, service: string, method: string, ...args: unknown[]): Promise<unknown> {
    const proxy = this.pki.proxyOf(person);
    return rigCall(this.caller(proxy, proxy), `${this.url}/${service}`, method, ...args);
  }

  /** The ids of all jobs of these groups, or of all groups that begin so. */
  async jobsOfGroups(prefix: string): Promise<Map<string, string[]>> {
    const all = z.array(z.string()).parse(await this.call('admin', 'WorkloadManagement/JobMonitoring', 'getJobs', {}));
    if (all.length === 0) return new Map();
    const summaries = z
      .record(z.string(), z.looseObject({ JobGroup: z.string(), Status: z.string() }))
      .parse(await this.call('admin', 'WorkloadManagement/JobMonitoring', 'getJobsSummary', all.map(Number)));
    const groups = new Map<string, string[]>();
    for (const [id, { JobGroup }] of Object.entries(summaries)) {
      if (JobGroup.startsWith(prefix)) groups.set(JobGroup, [...(groups.get(JobGroup) ?? []), id]);
    }
    return groups;
  }

  /** Ids of the jobs that have not ended. */
  async livingJobs(): Promise<string[]> {
    const jobs = [...(await this.jobsOfGroups('')).values()].flat();
    if (jobs.length === 0) return [];
    const statuses = z
      .record(z.string(), z.looseObject({ Status: z.string() }))
      .parse(await this.call('admin', 'WorkloadManagement/JobMonitoring', 'getJobsStatus', jobs.map(Number)));
    return jobs.filter((id) => !['Done', 'Failed', 'Killed'].includes(statuses[id]?.Status ?? ''));
  }

  /** Lets the nodes of a site lose power, and new ones come; DIRAC's administrator has their jobs started again. */
  async loseNodes(site: string, jobs: readonly string[]): Promise<void> {
    await this.stopNodes(site);
    await this.call('admin', 'WorkloadManagement/JobManager', 'rescheduleJob', jobs.map(Number));
    await this.startNodes(site);
  }

  /** Lets the nodes of a site lose power; nobody tells DIRAC. */
  stopNodes(site: string): Promise<void> {
    return this.processes.stop(nodeOf(site));
  }

  startNodes(site: string): Promise<void> {
    return this.startNode(nodeOf(site), site);
  }

  /** Kills what a job runs, as a node's kernel does when memory runs out; DIRAC's wrapper around it sees that. */
  killPayload(job: string): Promise<void> {
    return this.processes.stopAllWith(`JOBID=${job}`);
  }

  /** Its configuration server is gone for good. */
  loseConfiguration(): Promise<void> {
    return this.processes.stop('cs');
  }

  /** All sandboxes that were uploaded are gone. */
  async loseSandboxes(): Promise<void> {
    const folder = join(this.processes.folder, 'sandboxes');
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
  }

  /** Ids of the jobs that have a folder at a site with nodes. */
  async jobsWithFolder(site: string): Promise<string[]> {
    return (await readdir(this.nodeFolder(site))).filter((name) => /^\d+$/.test(name));
  }

  /** What DIRAC's own code, which knows our authority, makes of a proxy's file. */
  async readProxy(path: string): Promise<unknown> {
    const args = [join(import.meta.dirname, 'read_proxy.py'), path];
    const env = { ...process.env, DIRAC_NO_CFG: '1', X509_CERT_DIR: this.pki.authorities };
    const command = join(this.venv, 'bin', 'python');
    const done = await runLeashed({ command, args, env, timeoutMs: 120_000 });
    if (done.exitCode !== 0) throw new Error(`${path}: ${done.stderr}${done.stdout}`);
    return JSON.parse(done.stdout);
  }

  /** What a part of it has written: `https`, `executor`, `node-1` … */
  log(name: string): Promise<string> {
    return this.processes.said(name);
  }

  /** Ends all its processes, jobs too, and removes its folder. */
  async stop(): Promise<void> {
    await this.processes.stop();
    await rm(this.processes.folder, { recursive: true, force: true });
  }

  private async launch(): Promise<DiracRig> {
    const { processes, pki, venv, walled } = this;
    const { folder } = processes;
    const facts = await this.facts();
    const { host, ports } = facts;
    const configuration = `https://${host}:${ports.cs}/Configuration/Server`;
    const rig = new DiracRig(processes, pki, venv, walled, `https://${host}:${ports.https}`, configuration);
    const write = (name: string, text: string): Promise<void> =>
      writeFile(join(folder, 'etc', name), text, { mode: 0o600 });
    await write('dirac.cfg', configurationText(localConfiguration(facts)));
    await write('cs-master.cfg', configurationText(masterConfiguration(facts)));
    await write(`${setup}.cfg`, configurationText(servedConfiguration(facts)));
    const python = join(venv, 'bin', 'python');
    const program = (name: string, ...args: string[]): string[] => [python, join(venv, 'bin', name), ...args];
    const tornado = { env: { DIRAC_USE_TORNADO_IOLOOP: 'Yes' } };

    processes.start('cs', program('tornado-start-CS', '--cfg', join(folder, 'etc', 'cs-master.cfg')), tornado);
    const dirac = join(venv, 'lib', await libraryName(python), 'site-packages', 'DIRAC');
    const database = startDatabase({ processes, port: ports.database, password: facts.password, dirac });
    const alice = this.caller(pki.proxyOf('alice'), pki.proxyOf('alice'));
    const cs = processes.answers('cs', async () => {
      await rigCall(alice, configuration, 'getVersion');
      return true;
    });
    await Promise.all([database, cs]);
    processes.start('https', program('tornado-start-all'), tornado);
    const services = ['Matcher', 'PilotManager', 'OptimizationMind'].map((name) => `WorkloadManagement/${name}`);
    processes.start('dips', program('dirac-service', ...services));
    await processes.answers('dips', async () => /Listening at dips.*OptimizationMind/.test(await rig.log('dips')));
    processes.start('executor', program('dirac-executor', 'WorkloadManagement/Optimizers'));
    await processes.answers('https', async () => {
      await rig.call('alice', 'WorkloadManagement/WMSAdministrator', 'getSiteMask');
      return true;
    });
    for (const site of withNodes) await rig.startNode(nodeOf(site), site);
    await rig.welcome();
    await processes.answers('executor', async () =>
      /Connected to WorkloadManagement\/OptimizationMind/.test(await rig.log('executor')),
    );
    for (const name of withNodes.map(nodeOf)) {
      const asks = async () => /no match found|Received JobID|cycle complete/i.test(await rig.log(name));
      await processes.answers(name, asks);
    }
    return rig;
  }

  /** A node's folder and process. Its jobs inherit its environment, so that is a plain one. */
  private async startNode(name: string, site: string): Promise<void> {
    const cwd = this.nodeFolder(site);
    await rm(cwd, { recursive: true, force: true });
    await mkdir(cwd, { mode: 0o700 });
    await writeFile(join(cwd, 'pilot.cfg'), configurationText(nodeConfiguration(site, slots)), { mode: 0o600 });
    const agent = join(import.meta.dirname, 'job_agent.py');
    const env = { X509_USER_PROXY: this.pki.proxyOf('pilot') };
    const enter = this.walled?.sites[withNodes.indexOf(site)]?.enter ?? [];
    const python = join(this.venv, 'bin', 'python');
    const command = [...enter, python, agent, 'WorkloadManagement/JobAgent', '--cfg', 'pilot.cfg'];
    this.processes.start(name, command, { cwd, env });
  }

  /** Opens the sites, and lets DIRAC run jobs for alice: it makes a key, and her certificate signs for it. */
  private async welcome(): Promise<void> {
    for (const site of Object.values(sites)) {
      await this.call('admin', 'WorkloadManagement/WMSAdministrator', 'allowSite', site, 'the rig has started');
    }
    const alice = this.caller(this.pki.certificate('alice'), this.pki.key('alice'));
    const manager = `${this.url}/Framework/ProxyManager`;
    const asked = z
      .object({ id: z.int(), request: z.string() })
      .parse(await rigCall(alice, manager, 'requestDelegationUpload'));
    const chain = await this.pki.delegate('alice', asked.request);
    await rigCall(alice, manager, 'completeDelegationUpload', asked.id, chain);
  }

  private nodeFolder(site: string): string {
    return join(this.processes.folder, nodeOf(site));
  }

  private caller(certificate: string, key: string): Caller {
    return { certificate, key, authority: this.pki.authority };
  }

  private async facts(): Promise<RigFacts> {
    const { pki, processes } = this;
    const [https, cs, database, matcher, pilots, mind] = await freePorts(6);
    if (!https || !cs || !database || !matcher || !pilots || !mind) throw new Error('six ports');
    const subjects = {
      alice: await pki.subject('alice'),
      bob: await pki.subject('bob'),
      carol: await pki.subject('carol'),
      admin: await pki.subject('admin'),
      pilot: await pki.subject('pilot'),
      host: await pki.subject('host'),
      ca: await pki.subject('ca'),
    };
    return {
      folder: processes.folder,
      host: this.walled?.hub ?? 'localhost',
      ports: { https, cs, database, matcher, pilots, mind },
      password: randomBytes(16).toString('hex'),
      hostCertificate: pki.certificate('host'),
      hostKey: pki.key('host'),
      gridSecurity: join(pki.authorities, '..'),
      subjects,
      sites: Object.values(sites),
    };
  }
}

function nodeOf(site: string): string {
  return `node-${withNodes.indexOf(site) + 1}`;
}

/** Ports that are free now, below those that the system gives to others who ask for any. */
async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(12_000, 32_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) found.add(port);
  }
  return [...found];
}

async function libraryName(python: string): Promise<string> {
  const code = 'import sys; print("python%d.%d" % sys.version_info[:2])';
  return (await runLeashed({ command: python, args: ['-c', code], timeoutMs: 60_000 })).stdout.trim();
}
