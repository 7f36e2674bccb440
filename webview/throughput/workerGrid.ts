import type { PageRow } from '../../src/editor/protocol.js';
import { type Column, columns } from './columns.js';

const rowHeight = 24;
/** So many rows are in the page, however many workers and however high the page. */
const mostRows = 56;
/** Above and below what is seen. */
const margin = 4;

/** How the table is sorted. */
export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

interface DrawnRow {
  readonly element: HTMLElement;
  readonly cells: readonly { readonly text: Text; readonly column: Column }[];
}

/**
 * The workers' table: an ARIA grid of which only the rows in sight exist.
 *
 * The focus is the grid's own, and its active row is named to screen readers: rows come and go as it scrolls.
 */
export class WorkerGrid {
  readonly element = document.createElement('div');
  private readonly head = document.createElement('div');
  private readonly body = document.createElement('div');
  private readonly space = document.createElement('div');
  private readonly drawn: DrawnRow[] = [];
  private readonly heads = new Map<string, HTMLElement>();
  private all: readonly PageRow[] = [];
  private rows: readonly PageRow[] = [];
  private words: readonly string[] = [];
  private sorting: Sorting = { column: 'worker', descending: false };
  private now = 0;
  /** By name: rows move as they are sorted. */
  private active: string | undefined;
  private chosen: string | undefined;

  constructor(private readonly onChoose: (worker: string | undefined) => void) {
    const { element, head, body, space } = this;
    element.className = 'grid';
    element.tabIndex = 0;
    element.setAttribute('role', 'grid');
    element.setAttribute('aria-label', 'Workers');
    element.setAttribute('aria-colcount', String(columns.length));
    const headers = document.createElement('div');
    headers.setAttribute('role', 'rowgroup');
    headers.append(head);
    head.className = 'row head';
    head.setAttribute('role', 'row');
    head.setAttribute('aria-rowindex', '1');
    head.append(...columns.map((column) => this.headOf(column)));
    body.className = 'body';
    body.setAttribute('role', 'rowgroup');
    space.setAttribute('role', 'presentation');
    space.className = 'space';
    body.append(space);
    element.append(headers, body);
    element.addEventListener('scroll', () => this.draw(), { passive: true });
    element.addEventListener('keydown', (event) => this.onKey(event));
    body.addEventListener('click', (event) => this.onClick(event));
    new ResizeObserver(() => this.draw()).observe(element);
    this.sortBy(this.sorting);
  }

  show(rows: readonly PageRow[], at: number, chosen: string | undefined): void {
    this.all = rows;
    this.now = at;
    this.chosen = chosen;
    this.arrange();
  }

  filter(text: string): void {
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.arrange();
  }

  /** How many are shown, of how many. */
  get numbers(): readonly [number, number] {
    return [this.rows.length, this.all.length];
  }

  private headOf(column: Column): HTMLElement {
    const cell = document.createElement('div');
    cell.setAttribute('role', 'columnheader');
    cell.className = column.number ? 'number' : '';
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = column.label;
    button.addEventListener('click', () => {
      // Numbers are looked at from the largest on.
      const first = column.number === true;
      const same = this.sorting.column === column.id;
      this.sortBy({ column: column.id, descending: same ? !this.sorting.descending : first });
    });
    cell.append(button);
    this.heads.set(column.id, cell);
    return cell;
  }

  private sortBy(sorting: Sorting): void {
    this.sorting = sorting;
    for (const [id, cell] of this.heads) {
      const direction = sorting.descending ? 'descending' : 'ascending';
      if (id === sorting.column) cell.setAttribute('aria-sort', direction);
      else cell.removeAttribute('aria-sort');
    }
    this.arrange();
  }

  private arrange(): void {
    const { words } = this;
    const column = columns.find(({ id }) => id === this.sorting.column);
    const wanted =
      words.length === 0 ? [...this.all] : this.all.filter((row) => words.every((word) => hasWord(row, word)));
    if (column?.id === 'worker') this.rows = this.sorting.descending ? wanted.reverse() : wanted;
    else if (column !== undefined) this.rows = sorted(wanted, column, this.sorting.descending);
    const { element, body } = this;
    element.setAttribute('aria-rowcount', String(this.rows.length + 1));
    body.style.height = `${this.rows.length * rowHeight}px`;
    this.draw();
  }

  private draw(): void {
    const { element, rows, drawn, space } = this;
    const inSight = Math.ceil(element.clientHeight / rowHeight);
    const first = Math.max(0, Math.min(Math.floor(element.scrollTop / rowHeight) - margin, rows.length - 1));
    const count = Math.max(0, Math.min(mostRows, inSight + 2 * margin, rows.length - first));
    while (drawn.length < count) {
      const row = newRow();
      drawn.push(row);
      this.body.append(row.element);
    }
    for (const row of drawn.splice(count)) row.element.remove();
    space.style.height = `${first * rowHeight}px`;
    for (const [index, row] of drawn.entries()) this.fill(row, first + index);
    this.sayActive();
  }

  private fill({ element, cells }: DrawnRow, index: number): void {
    const row = this.rows[index];
    if (row === undefined) return;
    set(element, 'id', `worker-${index}`);
    set(element, 'aria-rowindex', String(index + 2));
    set(element, 'aria-selected', String(row.worker === this.chosen));
    set(element, 'data-phase', row.phase);
    element.classList.toggle('active', row.worker === this.active);
    for (const { text, column } of cells) {
      const words = column.say(row, this.now);
      if (text.data !== words) text.data = words;
    }
  }

  private sayActive(): void {
    const index = this.rows.findIndex((row) => row.worker === this.active);
    const id = `worker-${index}`;
    const there = this.drawn.some(({ element }) => element.id === id);
    if (there) set(this.element, 'aria-activedescendant', id);
    else this.element.removeAttribute('aria-activedescendant');
  }

  private onClick(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest('[role="row"]') : null;
    const found = this.rows[Number(row?.getAttribute('aria-rowindex') ?? 0) - 2];
    if (found === undefined) return;
    this.active = found.worker;
    this.choose(found.worker === this.chosen ? undefined : found.worker);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const now = this.rows.findIndex((row) => row.worker === this.active);
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 2);
    const moves: Readonly<Record<string, number>> = {
      ...{ ArrowDown: now + 1, ArrowUp: Math.max(0, now - 1), PageDown: now + page, PageUp: now - page },
      ...{ Home: 0, End: this.rows.length - 1 },
    };
    const to = moves[event.key];
    if (to !== undefined) this.activate(Math.max(0, Math.min(this.rows.length - 1, to)));
    else if (event.key === 'Enter' || event.key === ' ')
      this.choose(this.active === this.chosen ? undefined : this.active);
    else if (event.key === 'Escape') this.choose(undefined);
    else return;
    event.preventDefault();
  }

  private activate(index: number): void {
    this.active = this.rows[index]?.worker;
    const { element } = this;
    // Below the head, which stays in its place.
    const [top, bottom] = [index * rowHeight, (index + 2) * rowHeight];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
    this.draw();
  }

  private choose(worker: string | undefined): void {
    if (worker === this.chosen) return;
    this.chosen = worker;
    this.draw();
    this.onChoose(worker);
  }
}

function newRow(): DrawnRow {
  const element = document.createElement('div');
  element.className = 'row';
  element.setAttribute('role', 'row');
  const cells = columns.map((column) => {
    const cell = document.createElement('div');
    cell.setAttribute('role', 'gridcell');
    cell.className = column.number ? 'number' : '';
    const text = document.createTextNode('');
    cell.append(text);
    element.append(cell);
    return { text, column };
  });
  return { element, cells };
}

function sorted(rows: readonly PageRow[], column: Column, descending: boolean): PageRow[] {
  const sign = descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: column.order(row) }));
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0));
  return keyed.map(({ row }) => row);
}

function hasWord({ worker, site, pool, phase }: PageRow, word: string): boolean {
  return [worker, site, pool, phase].some((text) => text.toLowerCase().includes(word));
}

function set(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
