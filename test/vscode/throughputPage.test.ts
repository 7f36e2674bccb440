import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, until } from '../../src/base/waiting.js';
import type { PageMessage, PanelSnapshot } from '../../src/editor/protocol.js';
import { PageRig } from './pageRig.js';
import { type ThemeName, themes } from './themes.js';
import { bareSnapshot, busySnapshot } from './throughputSnapshots.js';

/** Where what was seen is left to be looked at; as of VS Code's windows. */
const pictures = process.env['SITESPAN_SHOTS'] || join(tmpdir(), 'sitespan-shots');
const cluster = { workers: 1000 };
const rows = '[role="grid"] .body [role="row"]';

describe('The throughput page in a browser', () => {
  let rig: PageRig;
  afterEach(async () => {
    await rig.close();
    assert.deepEqual(rig.complaints, []);
  });
  const grid = () => rig.page.getByRole('grid', { name: 'Workers' });
  const scrollTo = (top: number): Promise<unknown> =>
    rig.page.evaluate(`document.querySelector('[role="grid"]').scrollTo(0, ${top})`);
  const wishes = () =>
    rig.said
      .filter((message): message is PageMessage & { type: 'wish' } => message.type === 'wish')
      .map(({ wish }) => wish);
  const selected = () => rig.page.locator(`${rows}[aria-selected="true"]`);
  const activeRow = async (): Promise<string> => {
    const id = await grid().getAttribute('aria-activedescendant');
    return (
      (await rig.page
        .locator(`#${id ?? 'none'} [role="gridcell"]`)
        .first()
        .textContent()) ?? ''
    );
  };
  async function shown(snapshot: PanelSnapshot): Promise<void> {
    const before = await rig.updates();
    await rig.send(snapshot);
    await until(async () => (await rig.updates()) > before, { timeoutMs: 10_000, everyMs: 20, what: 'The update' });
  }

  it('shows 1,000 workers that change twice a second with at most 60 rows, wherever it is scrolled to', async () => {
    rig = await PageRig.open('dark', { height: 2200 });
    for (let moment = 0; moment < 20; moment++) {
      const began = Date.now();
      await shown(busySnapshot(moment, cluster));
      await scrollTo(moment * 1200);
      const count = await rig.page.locator(rows).count();
      assert.ok(count > 0 && count <= 60, `${count} rows`);
      await sleep(Math.max(0, began + 500 - Date.now()));
    }
    assert.equal(await grid().getAttribute('aria-rowcount'), '1001');
    const last = busySnapshot(19, cluster).rows.at(-1);
    await scrollTo(1e6);
    const cells = rig.page.locator(rows).last().locator('[role="gridcell"]');
    await until(async () => (await cells.first().textContent()) === last?.worker, { timeoutMs: 3000, what: 'The end' });
    assert.deepEqual((await cells.allTextContents()).slice(0, 4), [last?.worker, last?.site, last?.pool, last?.phase]);
    assert.match(
      (await rig.page.locator('.totals').textContent()) ?? '',
      /Events123,475,789.*340 of 900.*Files left560/,
    );
  });

  it('shows everything from one snapshot after it was hidden, and what it showed before', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    await grid().focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await rig.page.keyboard.press(key);
    assert.equal(wishes().at(-1)?.worker, 'main-3');
    rig.said.length = 0;
    await rig.load('dark');
    await until(() => rig.said.length > 0, { timeoutMs: 5000, what: 'The page' });
    const kept = { what: { kind: 'cluster', name: 'ttbar' }, by: 'site', worker: 'main-3' };
    assert.deepEqual(rig.said, [{ type: 'ready', kept }]);
    await shown(busySnapshot(7, cluster));
    assert.equal(await selected().locator('[role="gridcell"]').first().textContent(), 'main-3');
    assert.equal(await rig.page.locator('.chart canvas').count(), 2);
    assert.equal(await rig.page.locator('.legend button').count(), 6);
  });

  it('wishes more of what it was made to show last', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    await rig.page.locator(rows).nth(4).click();
    const run = { kind: 'run', id: 'old-1a2b3c' } as const;
    await shown({ ...busySnapshot(1, cluster), what: run });
    await rig.page.locator(rows).nth(2).click();
    assert.deepEqual(wishes().at(-1), { what: run, by: 'site', worker: 'main-3' });
  });

  it('is used by keyboard alone', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await rig.page.keyboard.press(key);
    };
    const focused = (): Promise<string> =>
      rig.page.evaluate(
        "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()",
      );
    const tabTo = async (name: string): Promise<void> => {
      for (let n = 0; n < 40 && !(await focused()).startsWith(name); n++) await press('Tab');
      assert.ok((await focused()).startsWith(name), `${await focused()}, not ${name}`);
    };
    await tabTo('What is shown');
    await tabTo('Save PNG');
    await tabTo('site-2');
    await press('Enter');
    assert.match((await rig.page.locator('.legend [aria-pressed="true"]').textContent()) ?? '', /^site-2 /);
    await tabTo('Workers');
    await press('ArrowDown', 'ArrowDown');
    assert.equal(await activeRow(), 'main-2');
    await press('End');
    assert.equal(await activeRow(), 'main-1000');
    await press('PageUp', 'Enter');
    const chosen = await activeRow();
    assert.equal(wishes().at(-1)?.worker, chosen);
    assert.equal(await selected().count(), 1);
    await press('Home', 'Escape');
    assert.equal(wishes().at(-1)?.worker, null);
    await tabTo('Events/s');
    await press('Enter');
    const head = rig.page.getByRole('columnheader', { name: 'Events/s' });
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    const rates = busySnapshot(0, cluster).rows.map(({ eventsPerSecond }) => eventsPerSecond);
    const best = busySnapshot(0, cluster).rows.find(({ eventsPerSecond }) => eventsPerSecond === Math.max(...rates));
    await tabTo('What is shown');
    await rig.page.keyboard.press('Shift+Tab');
    assert.equal(await rig.page.locator(`${rows} [role="gridcell"]`).first().textContent(), best?.worker);
  });

  it('lets the curve of the chosen worker stand out', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, { ...cluster, by: 'worker', curves: 20 }));
    await rig.page.locator(rows).nth(4).click();
    assert.equal(wishes().at(-1)?.worker, 'main-5');
    assert.match((await rig.page.locator('.legend [aria-pressed="true"]').textContent()) ?? '', /^main-5/);
  });

  it('filters by any of its words', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    await rig.page.getByRole('textbox', { name: 'Filter workers' }).fill('site-3 draining');
    const wanted = busySnapshot(0, cluster).rows.filter(({ site, phase }) => site === 'site-3' && phase === 'draining');
    const words = rig.page.locator('.number-of-rows');
    await until(async () => (await words.textContent()) === `${wanted.length} of 1,000 workers`, {
      ...{ timeoutMs: 3000, what: 'The filter' },
    });
  });

  it('asks for what is chosen', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    await rig.page.getByRole('combobox', { name: 'Stacked by' }).click();
    await rig.page.getByRole('option', { name: 'Stacked by worker' }).click();
    await until(() => wishes().at(-1)?.by === 'worker', { timeoutMs: 3000, what: 'The wish' });
    await rig.page.getByRole('combobox', { name: 'What is shown' }).click();
    await rig.page.getByRole('option', { name: 'ttbar, 30 November 14:03' }).click();
    const run = { kind: 'run', id: 'ttbar-1a2b3c' };
    await until(() => wishes().at(-1)?.what?.kind === 'run', { timeoutMs: 3000, what: 'The wish' });
    assert.deepEqual(wishes().at(-1), { what: run, by: 'worker', worker: null });
  });

  for (const [condition, sentence, action] of [
    ['empty', 'There is no cluster on this computer yet.', 'New Cluster'],
    ['connecting', 'Connecting to the cluster ttbar…', 'Show Log'],
    ['gone', 'There is no cluster ttbar on this computer any more. What it did was kept.', 'Show Its Run'],
  ] as const) {
    it(`says what is so and what to do about it: ${condition}`, async () => {
      rig = await PageRig.open('dark');
      await shown(bareSnapshot(condition, sentence, action));
      const notice = rig.page.getByRole('status').filter({ hasText: sentence });
      await notice.getByRole('button', { name: action }).click();
      assert.deepEqual(rig.said.at(-1), { type: 'act' });
      assert.equal(await grid().isVisible(), false);
    });
  }

  it('hands over its picture', async () => {
    rig = await PageRig.open('light');
    await shown(busySnapshot(0, cluster));
    await rig.page.getByRole('button', { name: 'Save PNG' }).click();
    await until(() => rig.said.some(({ type }) => type === 'savePicture'), { timeoutMs: 5000, what: 'The picture' });
    const saved = rig.said.find((message) => message.type === 'savePicture');
    const png = Buffer.from(saved?.png ?? '', 'base64');
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.readUInt32BE(16) > 800 && png.readUInt32BE(20) > 350, 'as large as both charts');
  });

  it('says what it cannot understand, and goes on', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    await rig.page.evaluate("window.postMessage({ condition: 'live' }, '*')");
    await until(() => rig.said.some(({ type }) => type === 'failure'), { timeoutMs: 3000, what: 'The failure' });
    await shown(busySnapshot(1, cluster));
    assert.match((await rig.page.locator('.totals').textContent()) ?? '', /123,457,789/);
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`can be read in the theme ${theme}, also by those who do not see it`, async () => {
      rig = await PageRig.open(theme);
      await rig.page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
      const found: unknown[] = [];
      const axe = async (): Promise<void> => {
        const serious = await rig.page.evaluate(`axe.run().then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary)]))`);
        if (Array.isArray(serious)) found.push(...serious);
      };
      await shown(bareSnapshot('empty', 'There is no cluster on this computer yet.', 'New Cluster'));
      await axe();
      await shown(busySnapshot(0, { ...cluster, by: 'worker', curves: 40 }));
      await shown(busySnapshot(1, cluster));
      await rig.page.locator(rows).nth(2).click();
      await axe();
      assert.deepEqual(found, []);
      await mkdir(pictures, { recursive: true });
      await rig.page.screenshot({ path: join(pictures, `throughput-${theme}.png`) });
    });
  }

  it('changes its colours with the theme', async () => {
    rig = await PageRig.open('dark');
    await shown(busySnapshot(0, cluster));
    const swatch = (): Promise<string> =>
      rig.page.evaluate("getComputedStyle(document.querySelector('.swatch')).backgroundColor");
    const before = await swatch();
    await rig.paint('light');
    await until(async () => (await swatch()) !== before, { timeoutMs: 3000, what: 'The other colours' });
    assert.equal(await swatch(), 'rgb(26, 133, 255)');
  });
});
