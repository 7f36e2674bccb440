/** The colours of the theme that is on, as a canvas takes them. */
export interface Palette {
  readonly ink: string;
  readonly quiet: string;
  readonly grid: string;
  readonly background: string;
  readonly join: string;
  readonly loss: string;
  readonly drain: string;
  readonly cell: string;
  readonly highContrast: boolean;
  readonly font: string;
  /** The colour of the curve at a place in the stack. */
  curve(index: number): string;
}

type Rgb = readonly [number, number, number];
const names = ['blue', 'green', 'orange', 'purple', 'yellow', 'red'];

/** Reads VS Code's colours; anew when the theme changes. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const background = read('editor-background', '#1f1f1f');
  const ink = read('editor-foreground', read('foreground', '#cccccc'));
  const highContrast = document.body.dataset['vscodeThemeKind']?.includes('high-contrast') ?? false;
  const base = names.map((name) => rgbOf(read(`charts-${name}`, '#3794ff')));
  const [from, towards] = [rgbOf(background), rgbOf(ink)];
  return {
    ink,
    background,
    highContrast,
    quiet: highContrast ? ink : read('descriptionForeground', ink),
    grid: highContrast ? read('contrastBorder', ink) : mixed(from, towards, 0.14),
    join: read('charts-green', '#89d185'),
    loss: read('charts-red', '#f14c4c'),
    drain: read('charts-yellow', '#cca700'),
    cell: mixed(from, towards, 0.1),
    font: `11px ${read('font-family', 'sans-serif')}`,
    // There are six; the next six are the same, farther into the background, and so on.
    curve: (index) => {
      const round = Math.floor(index / base.length);
      return mixed(base[index % base.length] ?? towards, from, Math.min(0.6, round * 0.22));
    },
  };
}

/** Any CSS colour, by the browser's own reading of it. */
function rgbOf(colour: string): Rgb {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (context === null) return [128, 128, 128];
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}

function mixed(a: Rgb, b: Rgb, share: number): string {
  const part = (index: 0 | 1 | 2): number => Math.round(a[index] + (b[index] - a[index]) * share);
  return `rgb(${part(0)}, ${part(1)}, ${part(2)})`;
}
