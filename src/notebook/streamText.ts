import { cutUnfinished, harmless } from './harmless.js';
import { overwritten } from './overwritten.js';

/** Where text is shown. */
export interface Surface {
  /** A terminal, which draws a line anew at a return; else whole lines are written, as they ended. */
  readonly inPlace: boolean;
  readonly colours: boolean;
}

/** The text of one stream as it comes, in pieces that know nothing of lines. */
export class StreamText {
  private rest = '';
  private line = '';

  constructor(private readonly surface: Surface) {}

  /** @returns what is to be written now */
  add(text: string): string {
    const { whole, rest } = cutUnfinished(this.rest + text);
    this.rest = rest;
    const clean = harmless(whole, this.surface);
    if (this.surface.inPlace) return clean;
    const all = overwritten(this.line + clean);
    const end = all.lastIndexOf('\n') + 1;
    this.line = all.slice(end);
    return all.slice(0, end).replaceAll('\r', '');
  }

  /** @returns what was held back of a line that is not over */
  flush(): string {
    const held = this.line.replaceAll('\r', '');
    this.rest = '';
    this.line = '';
    return held;
  }
}
