import type { PageView } from '../../src/editor/protocol.js';
import { hertz } from './numbers.js';
import type { Palette } from './palette.js';

/** The curves' names with their colours and newest rates; a click highlights one. */
export class Legend {
  readonly element = document.createElement('div');
  private readonly entries: { readonly button: HTMLButtonElement; readonly rate: Text; readonly name: string }[] = [];
  private madeFor = '';

  constructor(private readonly onChoose: (name: string) => void) {
    this.element.className = 'legend';
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', 'Curves');
  }

  show({ series }: PageView, palette: Palette, highlighted: string | undefined): void {
    const made = JSON.stringify([series.map(({ name }) => name), palette.ink, palette.background]);
    if (made !== this.madeFor) {
      this.madeFor = made;
      this.make(series, palette);
    }
    for (const [index, { button, rate, name }] of this.entries.entries()) {
      const words = hertz(series[index]?.events.at(-1) ?? 0);
      if (rate.data !== words) rate.data = words;
      const pressed = String(name === highlighted);
      if (button.getAttribute('aria-pressed') !== pressed) button.setAttribute('aria-pressed', pressed);
    }
  }

  private make(series: PageView['series'], palette: Palette): void {
    this.entries.length = 0;
    this.element.replaceChildren(
      ...series.map(({ name, site }, index) => {
        const button = document.createElement('button');
        button.type = 'button';
        const swatch = document.createElement('span');
        swatch.className = 'swatch';
        swatch.style.background = site === '' ? palette.quiet : palette.curve(index);
        const rate = document.createTextNode('');
        const number = document.createElement('span');
        number.className = 'rate';
        number.append(rate);
        button.append(swatch, `${name} `, number);
        button.disabled = site === '';
        button.addEventListener('click', () => this.onChoose(name));
        this.entries.push({ button, rate, name });
        return button;
      }),
    );
  }
}
