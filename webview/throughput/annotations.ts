import type uPlot from 'uplot';
import type { PageView } from '../../src/editor/protocol.js';
import type { Palette } from './palette.js';

type Mark = PageView['marks'][number];
const words = { join: '▲', loss: '▼', drain: '◆' } as const;
/** Marks of a kind that are nearer to each other than this are one, with their number. */
const nearPixels = 36;

/** The notebook's cells as bands behind the curves. */
export function drawCells(plot: uPlot, view: PageView, palette: Palette, labels: boolean): void {
  const { ctx, bbox } = plot;
  const pixels = devicePixelRatio;
  ctx.save();
  clip(ctx, bbox);
  ctx.font = scaled(palette.font, pixels);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  const bands = view.cells
    .map(({ at, endedAt, label }) => {
      const from = plot.valToPos(at, 'x', true);
      return { label, from, to: plot.valToPos(endedAt ?? view.times.at(-1) ?? at, 'x', true) };
    })
    .filter(({ from, to }) => to >= bbox.left && from <= bbox.left + bbox.width);
  for (const { from, to } of bands) {
    ctx.fillStyle = palette.cell;
    ctx.fillRect(from, bbox.top, Math.max(pixels, to - from), bbox.height);
    ctx.fillStyle = palette.grid;
    ctx.fillRect(from, bbox.top, pixels, bbox.height);
  }
  // A label that would run into the next band is left out: half of one says nothing.
  for (const [index, { label, from }] of labels ? bands.entries() : []) {
    const left = Math.max(from, bbox.left) + 3 * pixels;
    const end = bands[index + 1]?.from ?? bbox.left + bbox.width;
    if (left + ctx.measureText(label).width > end) continue;
    ctx.fillStyle = palette.quiet;
    ctx.fillText(label, left, bbox.top + 4 * pixels);
  }
  ctx.restore();
}

/** Joins, losses and drains as signs along the foot of the curves; a loss is a line, too. */
export function drawMarks(plot: uPlot, view: PageView, palette: Palette): void {
  const { ctx, bbox } = plot;
  const pixels = devicePixelRatio;
  ctx.save();
  clip(ctx, bbox);
  ctx.font = scaled(palette.font, pixels);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  for (const [row, kind] of (['join', 'drain', 'loss'] as const).entries()) {
    for (const { x, count } of grouped(view.marks, kind, (at) => plot.valToPos(at, 'x', true), nearPixels * pixels)) {
      ctx.fillStyle = palette[kind];
      ctx.strokeStyle = palette.background;
      ctx.lineWidth = 3 * pixels;
      if (kind === 'loss') ctx.fillRect(x, bbox.top, pixels, bbox.height);
      const text = count === 1 ? words[kind] : `${words[kind]}${count}`;
      const y = bbox.top + bbox.height - (1 + row * 12) * pixels;
      ctx.strokeText(text, x, y);
      ctx.fillText(text, x, y);
    }
  }
  ctx.restore();
}

/** `12 joined, 1 lost, 3 let go`: the same for those who do not see the chart. */
export function marksInWords(marks: readonly Mark[]): string {
  const number = (kind: Mark['kind']): number => marks.filter((mark) => mark.kind === kind).length;
  return `${number('join')} joined, ${number('loss')} lost, ${number('drain')} let go`;
}

function grouped(
  marks: readonly Mark[],
  kind: Mark['kind'],
  place: (at: number) => number,
  near: number,
): { x: number; count: number }[] {
  const groups: { x: number; count: number }[] = [];
  for (const mark of marks) {
    if (mark.kind !== kind) continue;
    const x = place(mark.at);
    const last = groups.at(-1);
    if (last !== undefined && x - last.x < near) last.count++;
    else groups.push({ x, count: 1 });
  }
  return groups;
}

function clip(context: CanvasRenderingContext2D, { left, top, width, height }: uPlot.BBox): void {
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}

function scaled(font: string, pixels: number): string {
  return font.replace(/^\d+px/, `${11 * pixels}px`);
}
