import assert from 'node:assert/strict';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { createCluster } from '../../../src/keeper/clusters.js';
import { ClusterRig, Home, processesOf, python, root } from '../../rigs/cluster/clusterRig.js';
import { Cli } from '../../rigs/terminal/cli.js';
import { shownIn, writeNotebook } from '../../rigs/terminal/notebooks.js';

const esc = '\x1b';

describe('sitespan run and attach', () => {
  let home: Home;
  let rig: ClusterRig;
  let number = 0;

  before(async () => {
    home = await Home.make();
    rig = await ClusterRig.make();
  });
  after(async () => {
    await Cli.killAll();
    await rig.close();
    const left = processesOf(home.folder);
    await home.remove();
    assert.deepEqual(left, [], 'something was left running');
  });

  /** In a folder of its own. */
  const notebook = async (cells: Readonly<Record<string, string>>): Promise<{ path: string; executed: string }> => {
    number += 1;
    const folder = join(home.folder, `work-${number}`);
    await mkdir(folder);
    return { path: await writeNotebook(join(folder, 'nb.ipynb'), cells), executed: join(folder, 'nb-executed.ipynb') };
  };
  /** The kernel that a run said it works in: `test/k1`. */
  const kernelOf = async (run: Cli): Promise<string> => {
    await run.says(/runs in test\/k\d+/);
    return /test\/k\d+/.exec(run.output)?.[0] ?? '';
  };
  const processesOfKernel = (address: string): string[] =>
    processesOf(`${rig.client.folder.kernel(address.split('/')[1] ?? '')} `);
  /** Ends a kernel that was left running, and shows that it is gone. */
  const endKernel = async (address: string): Promise<void> => {
    const ending = Cli.start('attach', address, '--interrupt', '--shutdown');
    await ending.end();
    assert.match(ending.output, new RegExp(`The kernel ${address} has ended\\.`), ending.errors);
    assert.deepEqual(processesOfKernel(address), []);
  };

  it('shows the cells as they run, writes the executed notebook beside, ends its kernel, and is done with 0', async () => {
    const { path, executed } = await notebook({
      first: 'import sys\nfor n in range(3):\n    print(f"\\r{n} of 2", end="", file=sys.stderr)',
      second: 'from dask.distributed import Client\nprint(Client().scheduler.address)\n{"answer": 42}',
    });
    const run = Cli.start('run', path);
    const address = await kernelOf(run);
    assert.equal(await run.end(), 0, run.output + run.errors);
    assert.match(
      run.output,
      /\[1\/2\] first\n2 of 2\n\[2\/2\] second\n(.*\n)*relay:\/\/scheduler:8786\n\{'answer': 42\}\n/,
    );
    assert.match(run.output, /\n2 of 2 cells done\.\nExecuted notebook: .*nb-executed\.ipynb\n$/);
    assert.equal((await shownIn(executed))['first'], '2 of 2');
    assert.deepEqual(processesOfKernel(address), []);
  });

  it('is done with 1 when a cell fails: its traceback is shown, plain when piped and coloured on a terminal', async () => {
    const { path } = await notebook({ bad: 'def f():\n    return 1 / 0\nf()', after: 'print("never")' });
    const [piped, shown] = [Cli.start('run', path), Cli.atTerminal('run', path)];
    assert.deepEqual([await piped.end(), await shown.end()], [1, 1], piped.errors + shown.output);
    assert.match(piped.output, /\[1\/2\] bad\n-+\nZeroDivisionError .*\n(.*\n)*ZeroDivisionError: division by zero\n/);
    assert.match(piped.output, /Cell \[1\/2\] bad failed\. 1 after it was skipped\. 0 of 2 cells done\./);
    assert.ok(!piped.output.includes(esc) && !piped.output.includes('never'));
    assert.match(shown.output, new RegExp(`${esc}\\[[0-9;]+mZeroDivisionError`));
  });

  it('gives the notebook its parameters: JSON where it is JSON, else a string', async () => {
    const { path, executed } = await notebook({
      parameters: 'events = 1\nregion = "none"\ncuts = []\nkept = "as it was"',
      show: 'print(events, region, cuts, kept)',
    });
    const run = Cli.start('run', path, '-p', 'events=1000', '-p', 'region=4j1b', '-p', 'cuts=[25, null, true]');
    assert.equal(await run.end(), 0, run.output + run.errors);
    assert.equal((await shownIn(executed))['show'], '1000 4j1b [25, None, True] as it was\n');
  });

  it('asks on a terminal what a cell asks, and shows no password', async () => {
    const { path } = await notebook({
      ask: 'name = input("Name? ")\nfrom getpass import getpass\nsecret = getpass("Password? ")',
      tell: 'print(name.upper(), len(secret))',
    });
    const run = Cli.atTerminal('run', path);
    await run.says(/Name\? /);
    run.type('emmy\r');
    await run.says(/Password\? /);
    run.type('tell-nobody\r');
    assert.equal(await run.end(), 0, run.output);
    assert.match(run.output, /EMMY 11\r\n/);
    assert.ok(run.output.includes('emmy') && !run.output.includes('tell-nobody'));
  });

  it('says without a terminal how to answer, and goes on when somebody has', async () => {
    const { path } = await notebook({ ask: 'print("Hello", input("Name? "))' });
    const run = Cli.start('run', path);
    const address = await kernelOf(run);
    await run.says(
      new RegExp(`waits for input \\(“Name\\?”\\); answer it in a terminal with: sitespan attach ${address}`),
    );
    const viewer = Cli.atTerminal('attach', address);
    await viewer.says(/Name\? /);
    viewer.type('Lise\r');
    assert.deepEqual([await run.end(), await viewer.end()], [0, 0], run.output + viewer.output);
    for (const { output } of [run, viewer]) assert.match(output, /Hello Lise\r?\n/);
  });

  it('returns at once with --detach; the kernel works on, and attach shows all of it and ends it', async () => {
    const { path } = await notebook({
      wait: 'print(1)\nwhile not __import__("os").path.exists("go"): pass',
      last: 'print(2)',
    });
    const run = Cli.start('run', path, '--detach');
    assert.equal(await run.end(), 0, run.errors);
    const address = await kernelOf(run);
    assert.match(run.output, new RegExp(`sitespan attach ${address}\n.*sitespan attach ${address} --shutdown\n$`));
    await writeFile(join(path, '..', 'go'), '');
    const viewer = Cli.start('attach', address, '--shutdown');
    assert.equal(await viewer.end(), 0, viewer.errors);
    assert.match(viewer.output, /\[1\/2\] wait\n1\n\[2\/2\] last\n2\n2 of 2 cells done\./);
    assert.deepEqual(processesOfKernel(address), []);
    const again = Cli.start('attach', address);
    assert.equal(await again.end(), 0, again.errors);
    assert.match(again.output, /\[1\/2\] wait\n1\n\[2\/2\] last\n2\n/);
  });

  it('interrupts the cell and gives up the rest at Ctrl-C, with 130', async () => {
    const { path } = await notebook({ long: 'import time\nprint("begun")\ntime.sleep(600)', after: 'print("never")' });
    const run = Cli.atTerminal('run', path);
    const address = await kernelOf(run);
    await run.says(/begun/);
    run.type('\x03');
    assert.equal(await run.end(), 130, run.output);
    assert.match(run.output, /KeyboardInterrupt/);
    assert.deepEqual(processesOfKernel(address), []);
  });

  it('only stops looking at the second Ctrl-C, and when its terminal goes', async () => {
    const { path } = await notebook({
      stubborn:
        'import time\nprint("begun")\nwhile True:\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        print("not yet")',
    });
    const run = Cli.start('run', path);
    const address = await kernelOf(run);
    await run.says(/begun/);
    run.interrupt();
    await run.says(/not yet/);
    run.interrupt();
    assert.equal(await run.end(), 130, run.errors);
    const viewer = Cli.atTerminal('attach', address);
    await viewer.says(/not yet/);
    viewer.hangUp();
    await viewer.end();
    assert.ok(processesOfKernel(address).length > 0);
    await endKernel(address);
  });

  it('runs in a kernel that is there, and leaves it with its names', async () => {
    const first = Cli.start('run', (await notebook({ one: 'x = 41' })).path, '--keep');
    const address = await kernelOf(first);
    assert.equal(await first.end(), 0, first.errors);
    const { path, executed } = await notebook({ two: 'print(x + 1)' });
    const second = Cli.start('run', path, '--kernel', address.split('/')[1] ?? '', '-o', executed);
    assert.equal(await second.end(), 0, second.errors);
    assert.match(second.output, /\[1\/1\] two\n42\n/);
    assert.ok(!second.output.includes('] one'));
    assert.ok(processesOfKernel(address).length > 0);
    await endKernel(address);
  });

  it("starts a kernel that has the cluster at coffea-casa's address, where that is asked for", async () => {
    const source =
      'from dask.distributed import Client\nprint(Client("tls://localhost:8786", timeout=5).scheduler_info()["address"])';
    const [on, off] = [await notebook({ asks: source }), await notebook({ asks: source })];
    const [run, plain] = [Cli.start('run', on.path, '--coffea-casa'), Cli.start('run', off.path)];
    assert.equal(await run.end(), 0, run.output + run.errors);
    assert.match(run.output, /^relay:\/\/scheduler:8786$/m);
    assert.equal(await plain.end(), 1, plain.output + plain.errors);
  });

  it('runs a Python file as python would: its arguments, its folder, its exit code', async () => {
    const folder = join(home.folder, 'script');
    await mkdir(folder);
    await writeFile(join(folder, 'beside.py'), 'word = "found"\n');
    const file = join(folder, 'fit.py');
    await writeFile(
      file,
      'from __future__ import annotations\nimport sys, beside\n\nif __name__ == "__main__":\n    print(beside.word, __file__ == sys.argv[0], sys.argv[1:])\n    sys.exit(int(sys.argv[2]))\n',
    );
    const well = Cli.start('run', file, '--', '--code', '0');
    const badly = Cli.start('run', file, '-o', join(folder, 'badly.ipynb'), '--', '--code', '3');
    assert.deepEqual([await well.end(), await badly.end()], [0, 1], well.output + well.errors + badly.errors);
    assert.match(well.output, /\nfound True \['--code', '0'\]\n/);
    assert.match(badly.output, /SystemExit: 3\n/);
    assert.match((await shownIn(join(folder, 'fit-executed.ipynb')))['script'] ?? '', /^found True/);
  });

  it('starts nothing for what cannot run, and says why', async () => {
    const started = async (): Promise<number> => rig.client.snapshot?.kernels.length ?? 0;
    const before = await started();
    const refusal = async (code: number, said: RegExp, ...args: string[]): Promise<void> => {
      const run = Cli.start(...args);
      assert.equal(await run.end(), code, run.output);
      assert.match(run.errors, said);
    };
    const { path } = await notebook({ fine: 'print(1)' });
    const other = await createCluster({
      name: 'other',
      python,
      bundle: join(root, 'dist'),
      localSites: [{ name: 'north', slots: 1, enter: [] }],
    });
    await refusal(
      1,
      /several clusters on this computer \(other, test\); say which: sitespan run --cluster NAME/,
      'run',
      path,
    );
    await refusal(2, /--coffea-casa is for a kernel that is started/, 'run', path, '--kernel', 'k1', '--coffea-casa');
    await refusal(1, /there is no such file/, 'run', join(home.folder, 'absent.ipynb'), '--cluster', 'test');
    await refusal(1, /no cluster in .*none on this computer/, 'run', path, '--cluster', 'none');
    await refusal(1, /has no kernel k99: there are k1,/, 'attach', 'test/k99');
    await refusal(1, /No kernel of the cluster test is running; .*: sitespan attach test\/k\d+/, 'attach', 'test');
    await refusal(2, /-p takes name=value/, 'run', path, '-p', 'events');
    await rm(other.path, { recursive: true });
    await refusal(1, /there is no folder \/none on this computer/, 'run', path, '-o', '/none/x.ipynb');
    assert.equal(await started(), before);
    await assert.rejects(stat(join(path, '..', 'nb-executed.ipynb')));
    await until(async () => processesOf(`${rig.client.folder.kernels}/`).length === 0, {
      timeoutMs: 60_000,
      what: 'The end of all kernels',
    });
  });
});
