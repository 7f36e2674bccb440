import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { until } from '../../../src/base/waiting.js';
import { calls, clusterSnapshot } from '../../../src/keeper/api.js';
import { KeeperClient } from '../../../src/keeper/client.js';
import { listClusters } from '../../../src/keeper/clusters.js';
import { stopEverything } from '../../../src/owner/stopEverything.js';
import { ClusterRig, Home, processesOf, python, root } from '../../rigs/cluster/clusterRig.js';
import { Cli } from '../../rigs/terminal/cli.js';

const esc = '\x1b';

interface Said {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

describe('the commands of the terminal', () => {
  let home: Home;

  before(async () => {
    home = await Home.make();
  });
  after(async () => {
    await Cli.killAll();
    await stopEverything();
    const left = processesOf(home.folder);
    await home.remove();
    assert.deepEqual(left, [], 'something was left running');
  });

  async function sitespan(...args: string[]): Promise<Said> {
    const cli = Cli.start(...args);
    const code = await cli.end();
    return { code, output: cli.output, errors: cli.errors };
  }
  /** @returns what it said on stdout */
  async function done(...args: string[]): Promise<string> {
    const { code, output, errors } = await sitespan(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${output} ${errors}`);
    return output;
  }
  async function stateOf(name: string) {
    return clusterSnapshot.parse(JSON.parse(await done('status', name, '--json')));
  }
  async function untilWorking(name: string, workers: number): Promise<void> {
    await until(async () => ((await stateOf(name)).pools[0]?.lives.working ?? 0) === workers, {
      timeoutMs: 90_000,
      everyMs: 300,
      what: `${workers} workers of ${name}`,
    });
  }

  describe('with one cluster', () => {
    before(async () => {
      const up = await sitespan('up', 'ttbar', '--python', python, '-n', '2', '--site', 'north=8', '--site', 'south=4');
      assert.equal(up.code, 0, up.errors);
      assert.match(up.output, /^The cluster ttbar runs\. Look at it: sitespan status ttbar --watch$/m);
      assert.match(up.errors, /^main: 2 jobs × 1 core × 24 h = 48 core hours at most, at north, south\.$/m);
      await untilWorking('ttbar', 2);
    });

    it('up attaches to it, changes nothing unasked, and says what is in vain', async () => {
      const { code, errors } = await sitespan('up', 'ttbar', '--cores', '2');
      assert.equal(code, 0, errors);
      assert.match(errors, /^There is a cluster ttbar already\. --cores only counts when it is made\.$/m);
      assert.equal((await stateOf('ttbar')).pools[0]?.desired, 2);
    });

    it('list shows it, and status without a name means it', async () => {
      assert.match(await done('list'), /^ttbar\s+working\s+2\/2\s+0 Hz\s+north, south$/m);
      assert.match(await done('status'), /^ttbar {2}working {2}2\/2 workers$/m);
      const json = z.array(z.object({ name: z.string() })).parse(JSON.parse(await done('list', '--json')));
      assert.deepEqual(
        json.map(({ name }) => name),
        ['ttbar'],
      );
    });

    it('what is piped has no colours, whoever stops reading; a terminal has', async () => {
      assert.ok(!(await done('status', 'ttbar', '--watch')).includes(esc));
      const cli = join(root, 'dist', 'cli.mjs');
      const first = execFileSync('/bin/sh', ['-c', '"$0" "$1" help | head -1', process.execPath, cli], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      assert.equal(first, 'sitespan COMMAND …\n');
      const terminal = Cli.atTerminal('list');
      await terminal.end();
      assert.ok(terminal.output.includes(`${esc}[32mworking`), terminal.output);
    });

    it('status --watch goes on until Ctrl-C, and shows what changes', async () => {
      const watching = Cli.atTerminal('status', 'ttbar', '--watch');
      await watching.says(/2\/2 workers/);
      await done('scale', 'ttbar', 'main', '3');
      await watching.says(/3\/3 workers/);
      watching.type('\x03');
      assert.equal(await watching.end(), 130);
    });

    it('scale and adapt change the pool, and say before what it may take', async () => {
      const scaled = await sitespan('scale', 'ttbar', 'main', '4');
      assert.match(scaled.errors, /^main: 1 job × 1 core × 24 h = 24 core hours at most/m);
      assert.equal((await stateOf('ttbar')).pools[0]?.desired, 4);
      await done('adapt', 'ttbar', 'main', '1', '5');
      assert.deepEqual((await stateOf('ttbar')).pools[0]?.adaptive, { minimum: 1, maximum: 5 });
      await done('scale', 'ttbar', 'main', '2');
      assert.equal((await stateOf('ttbar')).pools[0]?.adaptive, undefined);
      await untilWorking('ttbar', 2);
    });

    it('many workers need a word more: --yes, or an answer on the terminal', async () => {
      const refused = await sitespan('scale', 'ttbar', 'main', '60');
      assert.equal(refused.code, 1);
      assert.match(
        refused.errors,
        /58 jobs × 1 core × 24 h = 1,392 core hours at north, south\. Say so with --yes\.$/m,
      );
      const asked = Cli.atTerminal('scale', 'ttbar', 'main', '60');
      await asked.says(/Go on\? \[y\/N\] /);
      asked.type('n\r');
      assert.equal(await asked.end(), 1);
      assert.match(asked.output, /Nothing was changed\./);
      assert.equal((await stateOf('ttbar')).pools[0]?.desired, 2);
    });

    it('why tells a life with its evidence; of a worker there never was, which there are', async () => {
      const lives = z.object({ name: z.string(), phase: z.string() });
      const text = await done('why', 'ttbar', 'main-1');
      assert.match(text, /^- .* UTC.*: asked for: asked of north as sitespan\./m);
      assert.match(text, /^## What to do$/m);
      assert.equal(lives.parse(JSON.parse(await done('why', 'ttbar', 'main-1', '--json'))).name, 'main-1');
      const unknown = await sitespan('why', 'ttbar', 'main-99');
      assert.equal(unknown.code, 1);
      assert.match(unknown.errors, /never had a worker main-99; the newest are .*main-2/);
    });

    it('logs follows a running worker to its end, and kill ends it', async () => {
      const client = await KeeperClient.connect(await onlyFolder(), () => undefined);
      const lives = await client.call(calls.listLives, {});
      client.dispose();
      const worker = lives.find(({ phase }) => phase === 'working')?.name ?? assert.fail();
      assert.match(await done('logs', 'ttbar', worker), /Enrolled as/);
      const following = Cli.start('logs', 'ttbar', worker, '--follow');
      await following.says(/Enrolled as/);
      const killed = await sitespan('kill', 'ttbar', worker, 'main-99');
      assert.equal(killed.code, 1, killed.errors);
      assert.match(killed.output, new RegExp(`^${worker} is being ended; its pool asks for another\\.$`, 'm'));
      assert.match(killed.errors, /no worker main-99 now/);
      assert.equal(await following.end(), 0, following.errors);
      assert.equal(following.output.match(/Enrolled as/g)?.length, 1, following.output);
      assert.match(await done('why', 'ttbar', worker), /: has ended: Killed/);
      assert.equal(await done('logs', 'ttbar', worker), following.output);
      await untilWorking('ttbar', 2);
    });

    it('completion in bash knows commands, clusters, pools and workers', async () => {
      const bin = join(home.folder, 'bin');
      await mkdir(bin);
      const program = `#!/bin/sh\nexec ${process.execPath} ${join(root, 'dist', 'cli.mjs')} "$@"\n`;
      await writeFile(join(bin, 'sitespan'), program, { mode: 0o755 });
      const completed = (...words: string[]): string[] => {
        const line = `source <(sitespan completion bash); COMP_WORDS=(sitespan "$@"); COMP_CWORD=$#; _sitespan; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
        return execFileSync('bash', ['-c', line, 'bash', ...words], { encoding: 'utf8', env })
          .trim()
          .split('\n');
      };
      assert.deepEqual(completed('sc'), ['scale']);
      assert.deepEqual(completed('scale', ''), ['ttbar']);
      assert.deepEqual(completed('scale', 'ttbar', ''), ['main']);
      assert.ok(completed('why', 'ttbar', 'main-').includes('main-1'));
      assert.deepEqual(completed('status', '--w'), ['--watch']);
    });

    it('one that is damaged is listed with its trouble, and hides no other', async () => {
      const damaged = join((await onlyFolder()).path, '..', 'damaged');
      await mkdir(damaged, { mode: 0o700 });
      await writeFile(join(damaged, 'cluster.json'), '{');
      await writeFile(join(damaged, 'journal.jsonl'), 'no JSON\n{"is": "relay"}\n');
      try {
        const listed = await sitespan('list');
        assert.equal(listed.code, 0, listed.errors);
        assert.match(listed.output, /^damaged\s+trouble/m);
        assert.match(listed.output, /^ttbar\s+working/m);
        assert.match(listed.output, /^! damaged: /m);
        const [first] = z
          .array(z.looseObject({ name: z.string(), problems: z.array(z.object({ message: z.string() })) }))
          .parse(JSON.parse(await done('list', '--json')));
        assert.equal(first?.name, 'damaged');
        assert.equal(first.problems.length, 1);
      } finally {
        await rm(damaged, { recursive: true });
      }
    });

    it('down ends it; then there is none', async () => {
      assert.match(await done('down', 'ttbar'), /^The cluster ttbar has ended\.$/m);
      assert.match(await done('list'), /^There are no clusters on this computer/);
      const again = await sitespan('down', 'ttbar');
      assert.equal(again.code, 1);
      assert.match(again.errors, /^sitespan: The cluster ttbar on this computer has ended/m);
    });
  });

  it('what is asked wrongly is 2, with how it is', async () => {
    const wrong: readonly (readonly [string[], RegExp])[] = [
      [['scale', 'ttbar'], /It is: sitespan scale CLUSTER POOL N/],
      [['scale', 'ttbar', 'main', 'many'], /must be a whole number/],
      [['up'], /It is: sitespan up NAME/],
      [['up', 'x', '--site', 'north'], /--site is NAME=SLOTS/],
      [['up', 'x', '--relay', 'relay.example.org:443'], /--relay needs --relay-key FILE/],
      [['up', 'x', '--tenant', 'me'], /--tenant needs --relay/],
      [['status', '--wtach'], /It is: sitespan status/],
      [['relays'], /Did you mean "sitespan relay"\?/],
    ];
    for (const [args, sentence] of wrong) {
      const { code, output, errors } = await sitespan(...args);
      assert.equal(code, 2, `${args.join(' ')}: ${errors}`);
      assert.equal(output, '');
      assert.match(errors, sentence);
    }
  });

  it('--help of each is its help, and starts nothing', async () => {
    for (const name of ['up', 'relay', 'run', 'bench', 'demo']) {
      assert.match(await done(name, '--help'), new RegExp(`^sitespan ${name} `));
    }
    assert.equal(await done('help', 'up'), await done('up', '-h'));
    assert.equal(await done(), await done('help'));
  });

  for (const moment of [/making its folder/, /Starting the keeper/, /Waiting for the scheduler/]) {
    it(`up that is stopped at ${moment} leaves nothing running`, async () => {
      const up = Cli.start('up', 'halfway', '--python', python);
      await until(() => moment.test(up.errors), { timeoutMs: 60_000, everyMs: 5, what: String(moment) });
      up.interrupt();
      assert.equal(await up.end(), 130, up.output + up.errors);
      assert.match(await done('list'), /^There are no clusters/);
      assert.deepEqual(processesOf(home.folder), []);
    });
  }

  it('up that cannot start says why, and leaves nothing', async () => {
    const { code, errors } = await sitespan('up', 'nopython', '--python', '/no/such/python');
    assert.equal(code, 1);
    assert.match(errors, /no interpreter \/no\/such\/python/);
    assert.match(await done('list'), /^There are no clusters/);
  });

  it('stop-everything ends all, also one whose keeper cannot be started', async () => {
    const rigs = [await ClusterRig.make({ name: 'one' }), await ClusterRig.make({ name: 'two' })];
    const [, broken] = rigs;
    assert.ok(broken);
    await broken.addPool(1);
    // Its keeper dies, and its program is lost: nobody can close it.
    await broken.kill('keeper');
    await rm(broken.client.folder.program);
    for (const rig of rigs) rig.client.dispose();
    const unasked = await sitespan('stop-everything');
    assert.equal(unasked.code, 1);
    assert.match(unasked.errors, /This ends one, two, .*Say so with --yes\.$/m);
    const stopped = await sitespan('stop-everything', '--yes');
    assert.equal(stopped.code, 0, stopped.errors);
    assert.match(stopped.output, /^The cluster one has ended\.$/m);
    assert.match(stopped.output, /^The cluster two could not be closed by its keeper .*was ended\./m);
    assert.deepEqual(processesOf(home.folder), []);
    await rm(broken.client.folder.path, { recursive: true });
    assert.match(await done('stop-everything'), /^There are no clusters/);
  });

  async function onlyFolder() {
    const [folder] = await listClusters();
    return folder ?? assert.fail('no cluster');
  }
});
