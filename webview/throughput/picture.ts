import type { Palette } from './palette.js';

/** The charts as one PNG with a line above that says what they show, base64. */
export function pictureOf(canvases: readonly HTMLCanvasElement[], title: string, palette: Palette): string | undefined {
  const pixels = devicePixelRatio;
  const head = 28 * pixels;
  const whole = document.createElement('canvas');
  whole.width = Math.max(...canvases.map(({ width }) => width));
  whole.height = head + canvases.reduce((sum, { height }) => sum + height, 0);
  const context = whole.getContext('2d');
  if (context === null || canvases.length === 0) return undefined;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, whole.width, whole.height);
  context.fillStyle = palette.ink;
  context.font = palette.font.replace(/^\d+px/, `${13 * pixels}px`);
  context.textBaseline = 'middle';
  context.fillText(title, 8 * pixels, head / 2);
  let top = head;
  for (const canvas of canvases) {
    context.drawImage(canvas, 0, top);
    top += canvas.height;
  }
  return whole.toDataURL('image/png').split(',')[1];
}
