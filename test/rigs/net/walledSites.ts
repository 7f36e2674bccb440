import { execFileSync } from 'node:child_process';

/** A place of its own on this computer: a network namespace, which a command is put into by `enter`. */
export interface WalledSite {
  readonly name: string;
  readonly enter: readonly string[];
  readonly address: string;
}

/**
 * Two sites and a hub on one computer, in network namespaces of our own (root and Linux only):
 *
 * ```
 *   this computer (hub, .1) ──┐
 *   north (.11) ──────────────┼── one switch, in a namespace too
 *   south (.12) ──────────────┘
 * ```
 * A closed site drops every connection that begins outside, as real ones do; what it began itself goes on.
 */
export class WalledSites {
  readonly hub: string;
  readonly sites: readonly WalledSite[];
  private readonly prefix: string;
  private readonly link: string;

  /** @throws Error where namespaces cannot be made; nothing is left behind then */
  constructor() {
    const own = process.pid % 200;
    this.prefix = `ss${process.pid}`;
    this.link = `ssh${process.pid}`.slice(0, 15);
    const net = `10.77.${own + 20}`;
    this.hub = `${net}.1`;
    this.sites = ['north', 'south'].map((name, index) => ({
      name,
      enter: ['ip', 'netns', 'exec', this.namespace(name)],
      address: `${net}.${11 + index}`,
    }));
    try {
      this.make();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** From now on the sites drop what begins outside. */
  close(): void {
    for (const site of this.sites) {
      this.replace(site, 'input', 'iifname != "lo" tcp flags & (syn | ack) == syn counter drop');
    }
  }

  /**
   * Refuses what a site begins towards the hub, as a firewall does that lets nothing out.
   *
   * @param port only what goes there; everything unless told otherwise
   */
  cutOff(site: WalledSite, port?: number): void {
    const there = port === undefined ? `ip daddr ${this.hub}` : `ip daddr ${this.hub} tcp dport ${port}`;
    this.replace(site, 'output', `${there} tcp flags & (syn | ack) == syn reject with tcp reset`);
  }

  /** Takes back what `cutOff` and `close` did. */
  open(): void {
    for (const { name } of this.sites) run(['nft', 'flush', 'ruleset'], '', this.namespace(name));
  }

  /** Takes back what `cutOff` did to a site. */
  letOut(site: WalledSite): void {
    run(['nft', '-f', '-'], emptied('output'), this.namespace(site.name));
  }

  /** How many connections the site has dropped since it was closed last. */
  dropped(site: WalledSite): number {
    const said = run(['nft', 'list', 'ruleset'], '', this.namespace(site.name));
    return Number(/counter packets (\d+)/.exec(said)?.[1] ?? 0);
  }

  /** Processes that are in the site's namespace now. */
  pids(site: WalledSite): number[] {
    return run(['ip', 'netns', 'pids', this.namespace(site.name)])
      .split(/\s+/)
      .flatMap((pid) => (pid === '' ? [] : [Number(pid)]));
  }

  /** Inode of the site's namespace: `/proc/self/ns/net` of every process that is there, and of no other. */
  namespaceOf(site: WalledSite): number {
    return Number(run(['stat', '-L', '-c', '%i', '/proc/self/ns/net'], '', this.namespace(site.name)));
  }

  dispose(): void {
    for (const name of ['wan', ...this.sites.map((site) => site.name)]) {
      tryRun(['ip', 'netns', 'delete', this.namespace(name)]);
    }
    tryRun(['ip', 'link', 'delete', this.link]);
  }

  private namespace(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** Puts a rule in the place of what the site had for that direction. */
  private replace(site: WalledSite, hook: 'input' | 'output', rule: string): void {
    const chain = `type filter hook ${hook} priority 0; policy accept;\n${rule}\n`;
    const table = `table inet site-${hook} {\nchain passing {\n${chain}}\n}\n`;
    run(['nft', '-f', '-'], `${emptied(hook)}${table}`, this.namespace(site.name));
  }

  private make(): void {
    const wan = this.namespace('wan');
    run(['ip', 'netns', 'add', wan]);
    run(['ip', 'link', 'add', 'switch', 'type', 'bridge'], '', wan);
    run(['ip', 'link', 'set', 'switch', 'up'], '', wan);
    this.plug(wan, this.link, undefined, this.hub, 'hub');
    for (const { name, address } of this.sites) {
      const namespace = this.namespace(name);
      run(['ip', 'netns', 'add', namespace]);
      run(['ip', 'link', 'set', 'lo', 'up'], '', namespace);
      this.plug(wan, 'eth0', namespace, address, name);
    }
  }

  /** A cable from the switch to an end with an address. */
  private plug(wan: string, end: string, namespace: string | undefined, address: string, port: string): void {
    const there = namespace === undefined ? [] : ['netns', namespace];
    const made = namespace === undefined ? end : `t${this.prefix}${port}`.slice(0, 15);
    run(['ip', 'link', 'add', made, 'type', 'veth', 'peer', 'name', port, 'netns', wan]);
    if (namespace !== undefined) run(['ip', 'link', 'set', made, ...there, 'name', end]);
    run(['ip', 'address', 'add', `${address}/24`, 'dev', end], '', namespace);
    run(['ip', 'link', 'set', end, 'up'], '', namespace);
    run(['ip', 'link', 'set', port, 'master', 'switch', 'up'], '', wan);
  }
}

/** The table of a direction is there after the first, and gone after the second. */
function emptied(hook: 'input' | 'output'): string {
  return `table inet site-${hook}\ndelete table inet site-${hook}\n`;
}

function run(command: readonly string[], input = '', namespace?: string): string {
  const [program = '', ...args] = namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  return execFileSync(program, args, {
    input,
    encoding: 'utf8',
    timeout: 10_000,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function tryRun(command: readonly string[]): void {
  try {
    run(command);
  } catch {
    // It was never made.
  }
}
