import { stripVTControlCharacters } from 'node:util';

const esc = '\x1b';
/** "Select graphic rendition": colours and weight, which move nothing (ECMA-48, 8.3.117). */
const rendition = new RegExp(`(${esc}\\[[0-9;:]*m)`);
/** A control sequence that may go on in the next piece. */
const unfinished = new RegExp(`${esc}(?:\\[[0-?]*[ -/]*|\\][^\\x07${esc}]*)?$`);
/** A sequence that is longer is none, and would hold back what follows for ever. */
const longestSequence = 200;

/**
 * Text that can neither move the cursor nor talk to the terminal: what a notebook prints may come from anywhere.
 * Tab, newline, return and backspace stay, and colours where they are wanted.
 */
export function harmless(text: string, wish: { readonly colours: boolean }): string {
  return text
    .split(rendition)
    .map((part, at) => {
      if (at % 2 === 1) return wish.colours ? part : '';
      return stripVTControlCharacters(part).replace(/[^\t\n\r\b\P{Cc}]/gu, '');
    })
    .join('');
}

/** Cuts a control sequence off the end that has only begun: it waits for the next piece. */
export function cutUnfinished(text: string): { readonly whole: string; readonly rest: string } {
  const at = unfinished.exec(text)?.index ?? text.length;
  if (text.length - at > longestSequence) return { whole: text, rest: '' };
  return { whole: text.slice(0, at), rest: text.slice(at) };
}
