import uPlot from 'uplot';
import type { PageView } from '../../src/editor/protocol.js';
import { drawCells, drawMarks } from './annotations.js';
import type { Palette } from './palette.js';

export type Measure = 'events' | 'bytes';

export interface ChartOptions {
  readonly measure: Measure;
  readonly height: number;
  /** A rate in words. */
  readonly say: (rate: number) => string;
  /** What lies under the pointer, or nothing does. */
  readonly onPoint: (words: string) => void;
}

const syncKey = 'throughput';

/** Rates over time, one curve upon the other, with the cells behind and the marks in front. */
export class StackedChart {
  readonly element = document.createElement('div');
  private plot: uPlot | undefined;
  /** What the plot was made for: where this differs, it is made anew. */
  private madeFor = '';
  private view: PageView | undefined;
  private palette: Palette | undefined;
  private highlighted: string | undefined;

  constructor(private readonly options: ChartOptions) {
    this.element.className = 'chart';
    this.element.setAttribute('role', 'img');
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  show(view: PageView, palette: Palette, highlighted: string | undefined): void {
    const made = JSON.stringify([view.series.map(({ name }) => name), highlighted, palette.ink, palette.background]);
    this.view = view;
    this.palette = palette;
    this.highlighted = highlighted;
    const data = stacked(view, this.options.measure);
    if (this.plot === undefined || made !== this.madeFor) {
      this.plot?.destroy();
      this.plot = new uPlot(this.optionsOf(view, palette), data, this.element);
      this.madeFor = made;
    } else {
      this.plot.setData(data);
    }
  }

  /** In words, for those who do not see it. */
  describe(words: string): void {
    if (this.element.getAttribute('aria-label') !== words) this.element.setAttribute('aria-label', words);
  }

  get canvas(): HTMLCanvasElement | undefined {
    return this.plot?.ctx.canvas;
  }

  private resize(): void {
    const width = this.width;
    if (this.plot !== undefined && this.plot.width !== width) this.plot.setSize({ width, height: this.options.height });
  }

  private get width(): number {
    return Math.max(240, Math.floor(this.element.clientWidth));
  }

  private optionsOf({ series }: PageView, palette: Palette): uPlot.Options {
    const { measure, height, say } = this.options;
    const axis = {
      stroke: palette.quiet,
      grid: { stroke: palette.grid, width: 1 },
      font: palette.font,
      ticks: { show: false },
    };
    const colour = (index: number): string => {
      const own = series[index];
      return own?.site === '' ? palette.quiet : palette.curve(index);
    };
    const faint = (index: number): boolean =>
      this.highlighted !== undefined && series[index]?.name !== this.highlighted;
    return {
      width: this.width,
      height,
      legend: { show: false },
      cursor: { sync: { key: syncKey }, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.08 : 10] } },
      axes: [
        { ...axis, space: 90, values: (_plot, moments, _axis, _space, step) => moments.map((at) => clock(at, step)) },
        { ...axis, size: 70, values: (_plot, values) => values.map((value) => say(value)) },
      ],
      series: [
        {},
        ...series.map((_, index) => ({
          stroke: palette.highContrast ? palette.ink : colour(index),
          width: palette.highContrast ? 1 : 0,
          points: { show: false },
          // The lowest is filled down to nothing, the others down to the one below.
          ...(index === 0 ? { fill: shade(colour(0), faint(0)) } : {}),
        })),
      ],
      bands: series.slice(1).map((_, index) => ({
        series: [index + 2, index + 1] as [number, number],
        fill: shade(colour(index + 1), faint(index + 1)),
      })),
      hooks: {
        drawClear: [(plot) => this.drawBehind(plot)],
        draw: [(plot) => this.drawBefore(plot)],
        setCursor: [(plot) => this.options.onPoint(this.under(plot, measure))],
      },
    };
  }

  private drawBehind(plot: uPlot): void {
    if (this.view !== undefined && this.palette !== undefined)
      drawCells(plot, this.view, this.palette, this.options.measure === 'events');
  }

  private drawBefore(plot: uPlot): void {
    if (this.view !== undefined && this.palette !== undefined && this.options.measure === 'events')
      drawMarks(plot, this.view, this.palette);
  }

  /** `14:03:20 · 1.2 MHz · main-3 40 kHz`. */
  private under({ cursor, data, posToVal }: uPlot, measure: Measure): string {
    const { idx, top } = cursor;
    const { view } = this;
    if (idx === null || idx === undefined || top === undefined || top < 0 || view === undefined) return '';
    const height = posToVal(top, 'y');
    const place = data.slice(1).findIndex((line) => (line[idx] ?? 0) >= height);
    const time = clock(data[0][idx] ?? 0, 1);
    const total = this.options.say(data.at(-1)?.[idx] ?? 0);
    const curve = view.series[place];
    const own = curve === undefined ? '' : ` · ${curve.name} ${this.options.say(curve[measure][idx] ?? 0)}`;
    return `${time} · ${total}${own}`;
  }
}

/** `14:03`, with seconds where they differ, and the day where hours do not. */
function clock(at: number, step: number): string {
  const date = new Date(at * 1000);
  if (step >= 86_400) return date.toLocaleDateString('en', { day: 'numeric', month: 'short' });
  const parts = [date.getHours(), date.getMinutes(), ...(step < 60 ? [date.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** Each curve upon the sum of those below it. */
function stacked(view: PageView, measure: Measure): uPlot.AlignedData {
  let below: readonly number[] = [];
  const lines = view.series.map((curve) => {
    const line = curve[measure].map((rate, index) => rate + (below[index] ?? 0));
    below = line;
    return line;
  });
  return [[...view.times], ...lines];
}

function shade(colour: string, faint: boolean): string {
  const opacity = faint ? 0.15 : 0.75;
  return colour.startsWith('rgb(') ? colour.replace('rgb(', 'rgba(').replace(')', `, ${opacity})`) : colour;
}
