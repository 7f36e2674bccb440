import type { PageWish, PanelSnapshot, ShownThing } from '../../src/editor/protocol.js';
import { button, chooser, textField } from '../controls.js';
import type { Host } from '../host.js';
import { marksInWords } from './annotations.js';
import { Legend } from './legend.js';
import { bytesPerSecond, hertz, whole } from './numbers.js';
import { type Palette, readPalette } from './palette.js';
import { pictureOf } from './picture.js';
import { StackedChart } from './stackedChart.js';
import { TotalsLine } from './totals.js';
import { WorkerGrid } from './workerGrid.js';

/** The throughput page: it shows the newest snapshot, and says what it wishes to see. */
export class ThroughputPage {
  private latest: PanelSnapshot | undefined;
  private palette: Palette = readPalette();
  /** A curve that was chosen in the legend; a worker's row chooses its own. */
  private curve: string | undefined;

  private readonly what = chooser('What is shown', (value) => this.change({ what: thingOf(value), worker: null }));
  private readonly by = chooser('Stacked by', (value) => {
    this.curve = undefined;
    this.change({ by: value === 'worker' ? 'worker' : 'site' });
  });
  private readonly events = new StackedChart({
    ...{ measure: 'events', height: 240, say: hertz },
    onPoint: (words) => this.point(words),
  });
  private readonly bytes = new StackedChart({
    ...{ measure: 'bytes', height: 150, say: bytesPerSecond },
    onPoint: (words) => this.point(words),
  });
  private readonly legend = new Legend((name) => {
    this.curve = this.highlighted === name ? undefined : name;
    this.change({ worker: null });
    this.draw();
  });
  private readonly totals = new TotalsLine();
  private readonly grid = new WorkerGrid((worker) => {
    this.curve = undefined;
    this.change({ worker: worker ?? null });
    this.draw();
  });
  private readonly notice = noticeIn('notice');
  private readonly body = document.createElement('div');
  private readonly reading = paragraph('reading');
  private readonly marks = paragraph('marks');
  private readonly number = paragraph('number-of-rows');
  private readonly action: HTMLElement;
  private readonly save = [
    button('Save PNG', () => this.savePicture()),
    button('Save CSV or JSON', () => this.host.send({ type: 'saveNumbers' })),
  ];
  private readonly dashboard = button('Dashboard', () => this.host.send({ type: 'openDashboard' }));

  constructor(
    private readonly host: Host,
    private wish: PageWish,
    root: HTMLElement,
  ) {
    this.action = button('', () => host.send({ type: 'act' }), 'primary');
    this.notice.element.append(this.action);
    root.append(this.toolbar(), this.notice.element, this.body);
    this.body.append(
      this.totals.element,
      heading('Events a second'),
      this.events.element,
      heading('Read a second'),
      this.bytes.element,
      this.reading,
      this.marks,
      this.legend.element,
      heading('Workers'),
      this.filterLine(),
      this.grid.element,
    );
    this.body.hidden = true;
    // VS Code changes these when the theme changes.
    const themes = new MutationObserver(() => this.recolour());
    themes.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind'] });
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  }

  show(snapshot: PanelSnapshot): void {
    this.latest = snapshot;
    this.follow(snapshot.what);
    this.draw();
  }

  private draw(): void {
    const { latest: snapshot, palette } = this;
    if (snapshot === undefined) return;
    const { view, rows, condition, sentence, action, at } = snapshot;
    this.what.show(choicesOf(snapshot), snapshot.what === null ? '' : choiceOf(snapshot.what));
    this.by.show(
      [
        { value: 'site', label: 'Stacked by site' },
        { value: 'worker', label: 'Stacked by worker' },
      ],
      snapshot.by,
    );
    this.notice.show(sentence, action, condition);
    this.action.hidden = action === null;
    if (action !== null && this.action.textContent !== action) this.action.textContent = action;
    for (const one of [this.body, this.by.element, ...this.save]) one.hidden = view === null;
    this.dashboard.hidden = condition !== 'live';
    if (view === null) return;
    const { highlighted } = this;
    for (const chart of [this.events, this.bytes]) chart.show(view, palette, highlighted);
    this.legend.show(view, palette, highlighted);
    this.totals.show(view.totals, condition === 'live');
    const marks = `Workers: ${marksInWords(view.marks)}. Cells: ${whole(view.cells.length)}.`;
    if (this.marks.textContent !== marks) this.marks.textContent = marks;
    const { eventsPerSecond, bytesPerSecond: read, events } = view.totals;
    this.events.describe(`Events a second over time: now ${hertz(eventsPerSecond)}, in all ${whole(events)} events.`);
    this.bytes.describe(`Bytes read a second over time: now ${bytesPerSecond(read)}.`);
    this.grid.show(rows, at, this.wish.worker ?? undefined);
    this.sayNumber();
  }

  /** The curve that stands out: chosen in the legend, or the chosen row's. */
  private get highlighted(): string | undefined {
    const { latest, curve, wish } = this;
    const names = new Set(latest?.view?.series.map(({ name }) => name));
    const row = latest?.rows.find(({ worker }) => worker === wish.worker);
    const found = curve ?? (latest?.by === 'site' ? row?.site : row?.worker);
    return found !== undefined && names.has(found) ? found : undefined;
  }

  /** What is shown, a command may have chosen: what a person wishes next is about that. */
  private follow(what: PanelSnapshot['what']): void {
    const { wish } = this;
    if (what === null || JSON.stringify(what) === JSON.stringify(wish.what)) return;
    this.wish = { ...wish, what, worker: wish.what === null ? wish.worker : null };
    this.host.keep(this.wish);
  }

  private change(change: Partial<PageWish>): void {
    const wish = { ...this.wish, ...change };
    if (JSON.stringify(wish) === JSON.stringify(this.wish)) return;
    this.wish = wish;
    this.host.keep(wish);
    this.host.send({ type: 'wish', wish });
  }

  private toolbar(): HTMLElement {
    const bar = document.createElement('div');
    bar.className = 'toolbar';
    bar.append(this.what.element, this.by.element, ...this.save, this.dashboard);
    return bar;
  }

  private filterLine(): HTMLElement {
    const line = document.createElement('div');
    line.className = 'toolbar';
    const field = textField('Filter workers', 'Filter by worker, site, pool or life', (text) => {
      this.grid.filter(text);
      this.sayNumber();
    });
    this.number.setAttribute('role', 'status');
    line.append(field, this.number);
    return line;
  }

  private sayNumber(): void {
    const [shown, all] = this.grid.numbers;
    const words = shown === all ? `${whole(all)} workers` : `${whole(shown)} of ${whole(all)} workers`;
    if (this.number.textContent !== words) this.number.textContent = words;
  }

  private point(words: string): void {
    this.reading.textContent = words;
  }

  private savePicture(): void {
    const { latest, palette } = this;
    const canvases = [this.events.canvas, this.bytes.canvas].filter((canvas) => canvas !== undefined);
    const name = latest?.what === null || latest === undefined ? '' : nameOf(latest.what);
    const time = new Date((latest?.at ?? 0) * 1000).toLocaleString();
    const png = pictureOf(canvases, `${name} · ${whole(latest?.view?.totals.events ?? 0)} events · ${time}`, palette);
    if (png !== undefined) this.host.send({ type: 'savePicture', png });
  }

  private recolour(): void {
    this.palette = readPalette();
    this.draw();
  }
}

function choicesOf({ clusters, runs, what }: PanelSnapshot) {
  const choices = [
    ...clusters.map((name) => ({ value: choiceOf({ kind: 'cluster', name }), label: name })),
    ...runs.map(({ id, label }) => ({ value: choiceOf({ kind: 'run', id }), label })),
  ];
  // One that has gone is still what is shown.
  const value = what === null ? '' : choiceOf(what);
  if (what === null) return [{ value, label: 'Nothing yet' }, ...choices];
  return choices.some((choice) => choice.value === value) ? choices : [{ value, label: nameOf(what) }, ...choices];
}

function nameOf(what: ShownThing): string {
  return what.kind === 'cluster' ? what.name : what.id;
}

function choiceOf(what: ShownThing): string {
  return `${what.kind}:${nameOf(what)}`;
}

function thingOf(value: string): ShownThing | null {
  const [kind, name] = [value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1)];
  if (kind === 'cluster') return { kind, name };
  return kind === 'run' ? { kind, id: name } : null;
}

function noticeIn(className: string) {
  const element = document.createElement('div');
  element.className = className;
  element.setAttribute('role', 'status');
  const text = document.createElement('span');
  element.append(text);
  element.hidden = true;
  return {
    element,
    show: (sentence: string | null, action: string | null, condition: string) => {
      element.hidden = sentence === null && action === null;
      element.dataset['condition'] = condition;
      if (text.textContent !== (sentence ?? '')) text.textContent = sentence ?? '';
    },
  };
}

function heading(text: string): HTMLElement {
  const made = document.createElement('h2');
  made.textContent = text;
  return made;
}

function paragraph(className: string): HTMLElement {
  const made = document.createElement('p');
  made.className = className;
  return made;
}
