const esc = '\x1b';
const colour = new RegExp(`${esc}\\[\\d+m`, 'g');

/** A text as it is without its colours: what of it takes room on a terminal. */
export function visible(text: string): string {
  return text.replaceAll(colour, '');
}
