import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { until } from '../../src/base/waiting.js';
import { parseNotebook } from '../../src/notebook/notebook.js';
import { ClusterRig, Home } from '../rigs/cluster/clusterRig.js';
import { shownIn, writeNotebook } from '../rigs/terminal/notebooks.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

/** Neither hot exit nor autosave helps: what a window shows after a reload, it has from the kernel's host. */
const settings = {
  'files.autoSave': 'off',
  // A long output is scrolled in its place, whole.
  'notebook.output.scrolling': true,
};

/** VS Code draws only cells that are on the screen. */
const tall = { width: 1400, height: 2200 };

const numbers = Array.from({ length: 300 }, (_, at) => `${at + 1}\n`).join('');

const notebooks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'first.ipynb': { sum: '1 + 41' },
  'lines.ipynb': {
    lines: 'import time\nfor number in range(1, 301):\n    print(number)\n    time.sleep(0.25)',
    after: 'print("after", number)',
  },
  'says.ipynb': {
    streams: 'import sys\nprint("to stdout")\nprint("to stderr", file=sys.stderr)',
    rich: 'from IPython.display import HTML, clear_output, display\ndisplay(HTML("<b>rich</b> text"))\n6 * 7',
    shown: 'handle = display("before", display_id=True)',
    // When the cell before has long been shown as over.
    update: 'import time\ntime.sleep(1)\nhandle.update("changed later")',
    clear: 'print("gone")\nclear_output(wait=True)\nprint("stays")',
    bar: 'print("10 %", end="\\r")\nprint("100 %")',
    widget:
      'display({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "IntSlider(value=7)"}, raw=True)',
    error: 'def broken():\n    return 1 / 0\nbroken()',
    never: 'print("never")',
  },
  'asks.ipynb': { ask: 'name = input("Your name? ")\nprint("hello", name)' },
  'queue.ipynb': {
    first: 'import os, time\nwhile not os.path.exists("go"):\n    time.sleep(0.1)\nprint("first is over")',
    second: 'print("second is over")',
    third: 'print("third is over")',
  },
  'stop.ipynb': { long: 'import time\nkept = 7\ntime.sleep(300)', next: 'print("next")' },
  'again.ipynb': { count: 'number = globals().get("number", 0) + 1\nprint("number is", number)' },
  'types.ipynb': {
    make: 'class Special:\n    unusual_member = 3\nspecial = Special()\nprint("made")',
    use: 'special',
  },
  'old.ipynb': { set: 'import os\nname = "kept over the renaming"', say: 'print(name, os.getpid())' },
};

describe('A notebook on a cluster', function () {
  this.timeout(180_000);
  let home: Home;
  let cluster: ClusterRig;
  let code: VsCode;
  let folder: string;

  before(async () => {
    home = await Home.make();
    folder = join(home.folder, 'work');
    await mkdir(folder);
    // All at first: VS Code's search for a file's name does not look again at once.
    for (const [name, cells] of Object.entries(notebooks)) await writeNotebook(join(folder, name), cells);
    cluster = await ClusterRig.make({ name: 'ttbar' });
    await cluster.addPool(2);
    code = await openVsCode({ home, workspace: folder, settings, size: tall });
  });
  after(async () => {
    await code?.close();
    await cluster?.close();
    await home?.remove();
  });

  /** By its command: a key goes to whatever has the focus. */
  const save = async (): Promise<void> => {
    await code.window.runCommand('File: Save');
    await code.page.locator('.tabs-container .tab.active.dirty').waitFor({ state: 'detached' });
  };
  const open = async (name: string): Promise<void> => {
    if ((await code.page.locator('.tabs-container .tab.dirty').count()) > 0) await save();
    await code.window.runCommand('View: Close All Editors');
    await code.window.openFile(name);
  };
  /** Chooses the cluster and runs all cells, in one. */
  const openAndRun = async (name: string): Promise<void> => {
    await open(name);
    await code.window.runCommand('Sitespan: Run Notebook on Cluster');
  };
  const status = (text: string | RegExp, window: VsCodeWindow = code.window): Promise<void> =>
    window.page.locator('.cell-status-item', { hasText: text }).first().waitFor();
  const whenStill = (): Promise<void> =>
    until(async () => (await code.window.notebook.running()) === 0 && (await code.window.notebook.pending()) === 0, {
      timeoutMs: 60_000,
      what: 'The end of all cells',
    }).catch(async (error: unknown) => {
      const { notebook } = code.window;
      const shown = `${await notebook.running()} run, ${await notebook.pending()} wait, ${await notebook.executionCounts()}`;
      assert.fail(`${String(error)} Shown: ${shown}. Kernels: ${JSON.stringify(cluster.client.snapshot?.kernels)}`);
    });
  const outputsIn = async (name: string): Promise<Record<string, string>> => {
    await save();
    return shownIn(join(folder, name));
  };

  it('finds the cluster in the kernel picker, with sites, workers and what it is good for', async () => {
    await open('first.ipynb');
    // A picker that is opened before there is a kernel to pick stays empty.
    await code.page.locator('.kernel-label', { hasText: 'ttbar' }).first().waitFor();
    await code.window.notebook.pickKernel('ttbar');
    await code.window.notebook.kernelLabel.click();
    const [kernel = ''] = await code.window.quickInput.items();
    assert.match(kernel, /ttbar[\s\S]*2\/2 workers · north, south[\s\S]*Python 3[\s\S]*keeps all output over a reload/);
    await code.window.quickInput.cancel();
    await status('Connected to ttbar, 2 workers');
    await code.window.notebook.runAll();
    await code.window.notebook.outputs(/^42$/m);
    assert.deepEqual(await code.window.notebook.executionCounts(), ['[1]']);
  });

  it('shows every line of a long cell once, over reloads and in a second window, and saves them once', async function () {
    this.timeout(300_000);
    await openAndRun('lines.ipynb');
    await code.window.notebook.outputs(/^60$/m);
    await code.reload();
    await code.window.notebook.outputs(/^90$/m);
    const second = await code.openWindow();
    await second.openFile('lines.ipynb');
    await second.notebook.outputs(/^120$/m);
    await code.reload();
    await until(async () => (await code.window.notebook.running()) === 1, {
      timeoutMs: 60_000,
      what: 'The sign that the cell runs',
    });
    await code.window.notebook.outputs(/^after 300$/m);
    await second.notebook.outputs(/^after 300$/m);
    for (const window of [code.window, second]) {
      const shown = await window.notebook.outputText();
      assert.deepEqual(shown.match(/^\d+$/gm), numbers.trim().split('\n'));
    }
    await second.close();
    assert.deepEqual(await outputsIn('lines.ipynb'), { lines: numbers, after: 'after 300\n' });
  });

  it('shows everything that a kernel can say', async () => {
    await openAndRun('says.ipynb');
    const shown = await code.window.notebook.outputs('ZeroDivisionError');
    await whenStill();
    assert.deepEqual(await outputsIn('says.ipynb'), {
      streams: 'to stdout\nto stderr\n',
      rich: '<IPython.core.display.HTML object>\n42',
      shown: "'changed later'",
      update: '',
      clear: 'stays\n',
      bar: '100 %\n',
      widget: 'IntSlider(value=7)',
      error: (await shownIn(join(folder, 'says.ipynb')))['error'],
      never: '',
    });
    const cells = parseNotebook(await readFile(join(folder, 'says.ipynb'), 'utf8'), 'says.ipynb');
    const types = (id: string): string[] | undefined =>
      cells.find((cell) => cell.id === id)?.outputs.map((output) => output.output_type);
    assert.deepEqual(types('streams'), ['stream', 'stream']);
    assert.deepEqual(types('rich'), ['display_data', 'execute_result']);
    assert.deepEqual(types('error'), ['error']);
    // A click on it goes to the line.
    assert.ok((await shown.locator('a', { hasText: /line|Cell/ }).count()) > 0);
    await code.window.screenshot('says');
  });

  it('asks for the line that input() waits for, also after a reload', async () => {
    await openAndRun('asks.ipynb');
    await until(async () => (await code.window.notebook.running()) === 1, {
      timeoutMs: 60_000,
      what: 'The running cell',
    });
    // The palette takes the place of the first question; the next window asks again.
    await code.reload();
    await code.window.quickInput.asks('asks.ipynb');
    await code.window.quickInput.answer('Ada');
    await code.window.notebook.outputs('hello Ada');
  });

  it('goes on with what was queued when the window was reloaded', async () => {
    await openAndRun('queue.ipynb');
    await until(async () => (await code.window.notebook.pending()) === 2, { timeoutMs: 60_000, what: 'Waiting cells' });
    await code.reload();
    await until(
      async () => (await code.window.notebook.running()) === 1 && (await code.window.notebook.pending()) === 2,
      { timeoutMs: 60_000, what: 'One running and two waiting cells after the reload' },
    );
    await writeFile(join(folder, 'go'), '');
    await code.window.notebook.outputs('third is over');
    assert.deepEqual(await code.window.notebook.executionCounts(), ['[1]', '[2]', '[3]']);
  });

  it('interrupts a cell, gives up what waits, and keeps the kernel', async () => {
    await openAndRun('stop.ipynb');
    await until(async () => (await code.window.notebook.running()) === 1, {
      timeoutMs: 60_000,
      what: 'The running cell',
    });
    await code.window.runCommand('Sitespan: Interrupt Kernel');
    await code.window.notebook.outputs('KeyboardInterrupt');
    await whenStill();
    assert.equal((await outputsIn('stop.ipynb'))['next'], '');
  });

  it('restarts the kernel, and runs all cells in the new one', async () => {
    await openAndRun('again.ipynb');
    await code.window.notebook.outputs('number is 1');
    await whenStill();
    await code.window.notebook.runAll();
    await code.window.notebook.outputs('number is 2');
    await code.window.runCommand('Sitespan: Restart Kernel and Run All');
    assert.match(await code.window.answerDialog('Restart and Run All'), /again\.ipynb/);
    await code.window.notebook.outputs('number is 1');
    assert.deepEqual(await code.window.notebook.executionCounts(), ['[1]']);
  });

  it('completes what the kernel knows, and says what it is', async () => {
    await openAndRun('types.ipynb');
    await code.window.notebook.outputs('made');
    await whenStill();
    const line = (text: RegExp): Locator => code.page.locator('.notebookOverlay .view-line', { hasText: text }).last();
    await line(/^special$/).click();
    await code.page.keyboard.press('End');
    await code.page.keyboard.type('.unus');
    await code.page.locator('.suggest-widget .monaco-list-row', { hasText: 'unusual_member' }).first().waitFor();
    await code.page.keyboard.press('Escape');
    assert.match(
      await code.window.hover(
        line(/^special\.unus/)
          .locator('span span')
          .first(),
      ),
      /Special/,
    );
  });

  it('keeps the kernel of a notebook that is renamed', async () => {
    await openAndRun('old.ipynb');
    await code.window.notebook.outputs('kept over the renaming');
    await save();
    const before = (await shownIn(join(folder, 'old.ipynb')))['say'];
    await code.window.openView('Explorer');
    await code.window.row('old.ipynb').first().click();
    await code.page.keyboard.press('F2');
    const box = code.page.locator('.explorer-item-edited input');
    await box.fill('new.ipynb');
    await box.press('Enter');
    await code.window.editorTab('new.ipynb').waitFor();
    await status('Connected to ttbar, 2 workers');
    await code.window.notebook.runCell('print(name');
    await until(async () => (await code.window.notebook.executionCounts()).includes('[3]'), {
      timeoutMs: 60_000,
      what: 'The third run in the same kernel',
    });
    assert.equal((await outputsIn('new.ipynb'))['say'], before);
  });

  it('says that its cluster was closed, and offers to start it again', async () => {
    await openAndRun('first.ipynb');
    await status('Connected to ttbar, 2 workers');
    await cluster.close();
    await status('ttbar: It has ended.');
    await code.window.notebook.runAll();
    const said = await code.window.notification('The cluster ttbar has ended');
    await said.getByRole('button', { name: 'Start Again' }).waitFor();
  });
});
