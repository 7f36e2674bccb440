import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import { proxyFacts, readProxyFile } from '../../credentials/proxyFile.js';
import type { GridCall } from '../grid.js';
import { DiracConfiguration } from './configuration.js';
import { DiracClient } from './diracClient.js';
import type { GridDescription } from './gridDescription.js';
import { unlessMissing, whoAmIAt } from './siteCalls.js';

/** What was found about one service of a grid, or about what it says of us. */
export interface GridFinding {
  /** The service's name. */
  readonly service: string;
  readonly address: string;
  /** `doubtful` hinders nothing now. */
  readonly verdict: 'good' | 'doubtful' | 'wrong';
  /** A whole sentence, or a few words where it is good. */
  readonly sentence: string;
  /** Of the error that a call ended with. */
  readonly code?: string;
}

type Verdict = Omit<GridFinding, 'service' | 'address'>;

/** DIRAC's nodes want a stored proxy that lives so long, or they hold the job. */
const storedSeconds = 446_400;

/** Tries every service of a grid with its user's proxy: what does not work is a finding, and the others are tried. */
export async function checkGrid(
  { spec, configuration, proxyManager }: GridDescription,
  call?: GridCall,
): Promise<readonly GridFinding[]> {
  const client = new DiracClient(spec);
  const tried = async (service: string, address: string, look: () => Promise<Verdict>): Promise<GridFinding> => {
    const found = await look().catch((error: unknown) => {
      call?.signal?.throwIfAborted();
      if (!SitespanError.is(error)) throw error;
      return { ...wrong(error.message), code: error.code };
    });
    return { service, address, ...found };
  };
  // DIRAC does not say whether it refuses the group or the person, but another group than the grid's is known here.
  const explained = async (error: unknown): Promise<never> => {
    if (!SitespanError.is(error, 'grid-unauthorized')) throw error;
    const { group } = proxyFacts(spec.proxy, (await readProxyFile(spec.proxy)).chain);
    if (group === undefined || group === spec.group) throw error;
    throw new SitespanError(
      error.code,
      `DIRAC refuses the proxy ${spec.proxy}, which is of the group ${group}, and the grid was added for ${spec.group}; make one with "sitespan proxy init --group ${spec.group}".`,
      { cause: error },
    );
  };
  const me = async (service: string, address: string): Promise<Verdict> => {
    const { username, group } = await whoAmIAt(client, { address, service }, call).catch(explained);
    if (group !== undefined && group !== null && group !== spec.group) {
      return wrong(`The proxy ${spec.proxy} is of the group ${group}, and the grid was added for ${spec.group}.`);
    }
    return good(`knows ${username} in ${spec.group}`);
  };
  const services = ['JobManager', 'JobMonitoring', 'SandboxStore'] as const;
  const mask = client.address('WMSAdministrator');
  const manager = proxyManager ?? `${spec.url.replace(/\/$/, '')}/Framework/ProxyManager`;
  try {
    return await Promise.all([
      ...services.map((name) => tried(name, client.address(name), () => me(name, client.address(name)))),
      tried('WMSAdministrator', mask, () => maskOf(client, spec.sites, call)),
      tried('ProxyManager', manager, () => storedProxy(client, manager, call)),
      ...(configuration === undefined
        ? []
        : [tried('Configuration', configuration, () => setupThere(client, configuration, spec.setup, call))]),
    ]);
  } finally {
    await client.close();
  }
}

async function setupThere(client: DiracClient, address: string, setup: string, call?: GridCall): Promise<Verdict> {
  const { setups } = await DiracConfiguration.fetch(client, address, call);
  if (setups.length === 0) return good('has no setups: a DIRAC 9');
  if (setups.includes(setup)) return good(`has the setup ${setup}`);
  return wrong(`This grid has no setup ${setup}: jobs would wait for ever; it has ${setups.join(', ')}.`);
}

async function maskOf(client: DiracClient, sites: readonly string[], call?: GridCall): Promise<Verdict> {
  const mask = await client
    .call('WMSAdministrator', 'getSiteMaskStatus', [], z.record(z.string(), z.string()), call)
    .catch(unlessMissing(undefined));
  if (mask === undefined) {
    return {
      verdict: 'doubtful',
      sentence: 'It does not tell which sites are banned; jobs for such a site would wait.',
    };
  }
  const closed = sites.filter((site) => mask[site] !== 'Active');
  if (closed.length === 0) return good(`all ${sites.length} sites are open`);
  const said = closed.map((site) => `${site} (${mask[site] ?? 'not in its list'})`).join(', ');
  return { verdict: closed.length === sites.length ? 'wrong' : 'doubtful', sentence: `No jobs go to ${said} now.` };
}

/** Jobs run with a proxy that DIRAC keeps for their owner. */
async function storedProxy(client: DiracClient, address: string, call?: GridCall): Promise<Verdict> {
  const stored = z.record(z.string(), z.record(z.string(), z.number()));
  const at = { address, service: 'ProxyManager' };
  const all = await client.callAt(at, 'getUserProxiesInfo', [], stored, call);
  const ends = Math.max(0, ...Object.values(all).flatMap((groups) => Object.values(groups)));
  const secondsLeft = (ends - Date.now()) / 1000;
  if (secondsLeft > storedSeconds) return good('keeps a proxy of yours for the jobs');
  const what = secondsLeft <= 0 ? 'keeps no proxy of yours' : 'keeps a proxy of yours that ends too soon';
  return {
    verdict: secondsLeft <= 0 ? 'wrong' : 'doubtful',
    sentence: `DIRAC ${what}, so jobs would be held and rescheduled; upload one: sitespan proxy upload.`,
  };
}

function good(sentence: string): Verdict {
  return { verdict: 'good', sentence };
}

function wrong(sentence: string): Verdict {
  return { verdict: 'wrong', sentence };
}
