import { inflateSync } from 'node:zlib';
import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import type { GridCall } from '../grid.js';
import { type DiracServices, diracServices } from '../gridSpec.js';
import { Cfg } from './cfg.js';
import type { DiracClient } from './diracClient.js';

/** Real grids' are some MB; what is larger is none. */
const largestBytes = 256 * 1024 * 1024;

/** A batch queue of a site, as its grid describes it. */
export interface Queue {
  readonly ce: string;
  readonly ceType?: string;
  readonly queue: string;
}

/** A site as the configuration has it. */
export interface ConfiguredSite {
  readonly name: string;
  readonly queues: readonly Queue[];
}

/** A group of users; jobs of it are the VO's. */
export interface ConfiguredGroup {
  readonly name: string;
  readonly vo?: string;
  /** By the names that the grid has for them. */
  readonly users: readonly string[];
}

/** Where a grid's services are. */
export interface ConfiguredServices {
  readonly services: DiracServices;
  /** Where proxies are uploaded to. */
  readonly proxyManager?: string;
  /** Services that we need and whose only addresses are `dips://`. */
  readonly unusable: readonly string[];
}

/**
 * What a grid's configuration says that a client of it needs; also a client's own `dirac.cfg`, which says little more than
 * where the rest is. DIRAC 8 has setups and an instance of each system in each; DIRAC 9 has neither.
 */
export class DiracConfiguration {
  constructor(private readonly cfg: Cfg) {}

  /**
   * Asks a configuration server for all it has.
   *
   * @param address its `https://host:port/Configuration/Server`
   * @throws SitespanError those of `DiracClient.call`; `grid-answer-unknown`
   */
  static async fetch(client: DiracClient, address: string, call?: GridCall): Promise<DiracConfiguration> {
    const at = { address, service: 'Configuration/Server' };
    const packed = await client.callAt(at, 'getCompressedData', [], z.string(), call);
    let text: string;
    try {
      text = inflateSync(Buffer.from(packed, 'base64'), { maxOutputLength: largestBytes }).toString('utf8');
    } catch (cause) {
      throw new SitespanError('grid-answer-unknown', `What ${address} sent as its configuration cannot be unpacked.`, {
        cause,
      });
    }
    return new DiracConfiguration(Cfg.parse(text, address));
  }

  /** Configuration servers that can be asked, and whether there are others, which cannot. */
  get servers(): { readonly usable: readonly string[]; readonly others: number } {
    const all = this.cfg.section('DIRAC', 'Configuration')?.list('Servers') ?? [];
    const usable = all.filter(isUsable).map(withPath('Configuration', 'Server'));
    return { usable, others: all.length - usable.length };
  }

  /** Which of the setups a client of this file takes. */
  get setup(): string | undefined {
    return this.cfg.section('DIRAC')?.option('Setup');
  }

  get vo(): string | undefined {
    return this.cfg.section('DIRAC')?.option('VirtualOrganization');
  }

  /** None in DIRAC 9. */
  get setups(): readonly string[] {
    return this.cfg.section('DIRAC', 'Setups')?.sections ?? [];
  }

  get groups(): readonly ConfiguredGroup[] {
    const groups = this.cfg.section('Registry', 'Groups');
    return (groups?.sections ?? []).map((name) => {
      const group = groups?.section(name);
      const vo = group?.option('VO');
      return { name, ...(vo === undefined ? {} : { vo }), users: group?.list('Users') ?? [] };
    });
  }

  /** What DIRAC calls whoever has this certificate; none where it knows nobody who has. */
  usersOf(dn: string): readonly string[] {
    const users = this.cfg.section('Registry', 'Users');
    return (users?.sections ?? []).filter((name) => users?.section(name)?.list('DN').includes(dn));
  }

  /** @param setup one of `setups`; of no matter in DIRAC 9 */
  servicesOf(setup: string): ConfiguredServices {
    const urls = this.urlsOf('WorkloadManagement', setup);
    const found = diracServices.map((name) => [name, this.addressOf(urls, 'WorkloadManagement', name, setup)] as const);
    const manager = this.addressOf(this.urlsOf('Framework', setup), 'Framework', 'ProxyManager', setup);
    return {
      services: Object.fromEntries(found.filter(([, address]) => address?.startsWith('https:'))),
      ...(manager?.startsWith('https:') ? { proxyManager: manager } : {}),
      unusable: found.filter(([, address]) => address !== undefined && !isUsable(address)).map(([name]) => name),
    };
  }

  /** Those whose queues take jobs of the VO; all where it is not known. */
  sitesOf(vo: string | undefined): readonly ConfiguredSite[] {
    const grids = this.cfg.section('Resources', 'Sites');
    return (grids?.sections ?? [])
      .flatMap((grid) =>
        (grids?.section(grid)?.sections ?? []).map((name) => [name, grids?.section(grid, name)] as const),
      )
      .map(([name, site]) => ({ name, queues: site !== undefined && takes(site, vo) ? queuesOf(site, vo) : [] }))
      .filter(({ queues }) => queues.length > 0);
  }

  private urlsOf(system: string, setup: string): Cfg | undefined {
    const direct = this.cfg.section('Systems', system, 'URLs');
    if (direct !== undefined) return direct;
    const instance = this.cfg.section('DIRAC', 'Setups', setup)?.option(system);
    return instance === undefined ? undefined : this.cfg.section('Systems', system, instance, 'URLs');
  }

  /** DIRAC's installer registers an HTTPS service under the name of its section, such as `TornadoJobManager`. */
  private addressOf(urls: Cfg | undefined, system: string, service: string, setup: string): string | undefined {
    const names = [service, `Tornado${service}`];
    const all = names.flatMap((name) =>
      (urls?.list(name) ?? []).flatMap((url) => this.withMainServers(url, setup)).map(withPath(system, name)),
    );
    return all.find(isUsable) ?? all[0];
  }

  private withMainServers(url: string, setup: string): readonly string[] {
    if (!url.includes('$MAINSERVERS$')) return [url];
    const operations = this.cfg.section('Operations');
    const places = [setup, 'Defaults'].map((name) => operations?.section(name)?.list('MainServers') ?? []);
    return (places.find((servers) => servers.length > 0) ?? []).map((server) => url.replace('$MAINSERVERS$', server));
  }
}

function isUsable(address: string): boolean {
  return address.startsWith('https://');
}

/** An address without a path is that of the service by its own name. */
function withPath(system: string, service: string): (address: string) => string {
  return (address) =>
    /^[a-z]+:\/\/[^/]+\/?$/.test(address) ? `${address.replace(/\/$/, '')}/${system}/${service}` : address;
}

/** A site, a computing element or a queue that names no VO takes all. */
function takes(part: Cfg, vo: string | undefined): boolean {
  const allowed = part.list('VO').map((one) => one.toLowerCase());
  return vo === undefined || allowed.length === 0 || allowed.includes(vo.toLowerCase());
}

function queuesOf(site: Cfg, vo: string | undefined): readonly Queue[] {
  const all = site.section('CEs');
  return (all?.sections ?? []).flatMap((ce) => {
    const element = all?.section(ce);
    if (element === undefined || !takes(element, vo)) return [];
    const ceType = element.option('CEType');
    const queues = element.section('Queues');
    return (queues?.sections ?? [])
      .filter((queue) => takes(queues?.section(queue) ?? element, vo))
      .map((queue) => ({ ce, queue, ...(ceType === undefined ? {} : { ceType }) }));
  });
}
