import { overwritten } from './overwritten.js';

/** Characters kept of one stream output; of more, the head and the tail. */
const limit = 2_000_000;

/**
 * Text that grows at its end, as a terminal would leave it, bounded.
 *
 * Adding costs what is added, not what is there already: a cell may print a hundred thousand lines one by one, and its
 * text is asked for a few times a second only.
 */
export class GrowingText {
  private whole: string[] = [];
  private wholeLength = 0;
  /** The last line, which a return may still overwrite. */
  private line = '';
  /** Whether that line ends with a return. Asking the line itself would have the engine copy it each time. */
  private returned = false;

  constructor(text: string) {
    this.add(text);
  }

  get text(): string {
    if (this.whole.length > 1) this.whole = [this.whole.join('')];
    return (this.whole[0] ?? '') + this.line;
  }

  add(text: string): void {
    if (text === '') return;
    const simple = !this.returned && !/[\r\b]/.test(text);
    this.append(simple ? this.line : '', simple ? text : overwritten(this.line + text));
    if (this.wholeLength + this.line.length > limit) this.cut();
  }

  private append(line: string, text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) {
      const whole = line + text.slice(0, end);
      this.whole.push(whole);
      this.wholeLength += whole.length;
    }
    this.line = end > 0 ? text.slice(end) : line + text;
    this.returned = text.endsWith('\r');
  }

  private cut(): void {
    const { text } = this;
    this.whole = [];
    this.wholeLength = 0;
    this.append('', `${text.slice(0, limit / 4)}\n… output left out …\n${text.slice(-limit / 2)}`);
  }
}
