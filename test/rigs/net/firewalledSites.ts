import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Disposable, DisposableStore, disposable } from '../../../src/base/disposable.js';

/** A site of its own network namespace: its jobs see only its own interfaces, and its firewall is between them and all others. */
export interface FirewalledSite {
  readonly name: string;
  /** IPv4, the same network as the hub's. */
  readonly address: string;
  /** Put before a command, runs it at the site. */
  readonly enter: readonly string[];
  /** Of its namespace, as `/proc/<pid>/ns/net` of any process there has it. */
  readonly inode: number;
}

/** Connections that a site's firewall has not let through, both counted by their first packet (SYN; repeats count, too). */
export interface Dropped {
  readonly inbound: number;
  readonly outbound: number;
}

/** Only root on Linux can make them. */
export const canMakeSites = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * Sites behind firewalls on one computer: a namespace each, wired to this computer (the hub) by a switch that is a namespace, too.
 *
 * Names have this process's number in them, addresses are from 198.18.0.0/15 (RFC 2544, for tests of networks), so two runs at once
 * do not meet. Firewalls are open until `close`.
 */
export class FirewalledSites implements Disposable {
  private readonly made = new DisposableStore();
  private readonly sites = new Map<string, FirewalledSite>();

  /** This computer's address on the network of the sites. */
  readonly hub: string;

  /** @throws Error what `ip` or `nft` said; nothing is left of what was made until then */
  constructor(names: readonly string[]) {
    const network = freeNetwork();
    this.hub = `${network}.1`;
    // Mocha leaves by `process.exit` on Ctrl-C, without its hooks.
    const onExit = (): void => this.dispose();
    process.once('exit', onExit);
    this.made.add(disposable(() => process.off('exit', onExit)));
    try {
      const wire = this.makeSwitch();
      // Interfaces have at most 15 characters.
      const outside = `ss${process.pid}hub`;
      wire(outside, 0);
      this.made.add(disposable(() => removeLink(outside)));
      run('ip', 'addr', 'add', `${this.hub}/24`, 'dev', outside);
      run('ip', 'link', 'set', outside, 'up');
      names.forEach((name, index) => {
        this.sites.set(name, this.makeSite(name, `${network}.${index + 2}`, (end) => wire(end, index + 1)));
      });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get all(): readonly FirewalledSite[] {
    return [...this.sites.values()];
  }

  /**
   * From now on every site drops what others open to it, and counts anew.
   *
   * @param onlyOut the one port to which the sites may open connections; any without it
   */
  close(onlyOut?: number): void {
    for (const site of this.all) {
      const stray = onlyOut === undefined ? '' : `tcp dport != ${onlyOut} counter name outbound drop`;
      const rules = `
        table inet site
        delete table inet site
        table inet site {
          counter inbound { }
          counter outbound { }
          chain in { type filter hook input priority 0; iifname != "lo" tcp flags & (syn | ack) == syn counter name inbound drop; }
          chain out { type filter hook output priority 0; oifname != "lo" tcp flags & (syn | ack) == syn ${stray}; }
        }`;
      runAt(site, rules, 'nft', '-f', '-');
    }
  }

  /** The sites' firewalls let everything through. */
  open(): void {
    for (const site of this.all) runAt(site, 'table inet site\ndelete table inet site', 'nft', '-f', '-');
  }

  /** Since the last `close`, of all sites together. */
  get dropped(): Dropped {
    const packets = (name: string): number =>
      this.all
        .map((site) => runAt(site, '', 'nft', 'list', 'counter', 'inet', 'site', name))
        .reduce((sum, said) => sum + Number(/packets (\d+)/.exec(said)?.[1]), 0);
    return { inbound: packets('inbound'), outbound: packets('outbound') };
  }

  /** Ends what still runs at the sites, and removes them. */
  dispose(): void {
    this.made.dispose();
  }

  /** @returns wires a new interface of this computer to the switch */
  private makeSwitch(): (end: string, port: number) => void {
    const namespace = this.makeNamespace('switch');
    run('ip', '-n', namespace, 'link', 'add', 'br0', 'type', 'bridge');
    run('ip', '-n', namespace, 'link', 'set', 'br0', 'up');
    return (end, port) => {
      run('ip', 'link', 'add', end, 'type', 'veth', 'peer', 'name', `port${port}`, 'netns', namespace);
      run('ip', '-n', namespace, 'link', 'set', `port${port}`, 'master', 'br0', 'up');
    };
  }

  private makeSite(name: string, address: string, wire: (end: string) => void): FirewalledSite {
    const namespace = this.makeNamespace(name);
    const end = `ss${process.pid}new`;
    wire(end);
    run('ip', 'link', 'set', end, 'netns', namespace, 'name', 'eth0');
    run('ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    const enter = ['ip', 'netns', 'exec', namespace];
    return { name, address, enter, inode: statSync(`/run/netns/${namespace}`).ino };
  }

  private makeNamespace(name: string): string {
    const namespace = `sitespan-${process.pid}-${name}`;
    run('ip', 'netns', 'add', namespace);
    this.made.add(
      disposable(() => {
        for (const pid of run('ip', 'netns', 'pids', namespace).split('\n').filter(Boolean)) endProcess(Number(pid));
        run('ip', 'netns', 'del', namespace);
      }),
    );
    return namespace;
  }
}

/** The first three numbers of a network that this computer has no address in. */
function freeNetwork(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).map(({ address }) => address.split('.').slice(0, 3).join('.')),
    ),
  );
  const candidates = Array.from({ length: 512 }, (_, step) => (process.pid + step) % 512);
  const free = candidates.map((n) => `198.${18 + (n >> 8)}.${n & 255}`).find((network) => !taken.has(network));
  if (free === undefined) throw new Error('all of 198.18.0.0/15 is in use on this computer');
  return free;
}

/** With the switch's namespace its other end goes, and that may have been first. */
function removeLink(name: string): void {
  if (networkInterfaces()[name] !== undefined) run('ip', 'link', 'del', name);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}

function runAt(site: FirewalledSite, input: string, ...command: readonly string[]): string {
  const [program, ...args] = [...site.enter, ...command];
  return execute(program ?? '', args, input);
}

function run(command: string, ...args: readonly string[]): string {
  return execute(command, args, '');
}

function execute(command: string, args: readonly string[], input: string): string {
  // Debian keeps `nft` where only root's shells look.
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const options = { encoding: 'utf8', timeout: 10_000, env: { ...process.env, PATH } } as const;
  return execFileSync(command, args, { ...options, input, stdio: ['pipe', 'pipe', 'pipe'] });
}
