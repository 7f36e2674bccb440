import type { Output } from '../../../src/terminal/screen.js';

const esc = '\x1b';
const control = new RegExp(`(${esc}\\[\\d+[AJ]|\n)`);
const upwards = new RegExp(`^${esc}\\[(\\d+)A$`);
const eraseToEnd = `${esc}[0J`;

/** An output in memory. As a terminal it also shows what a person would see of it. */
export class TextOutput implements Output {
  written = '';
  readonly columns?: number;

  constructor(
    readonly isTTY: boolean,
    columns?: number,
  ) {
    if (columns !== undefined) this.columns = columns;
  }

  write(text: string): void {
    this.written += text;
  }

  /** The lines on a terminal that understands "up n" and "erase to the end", and wraps at its width. */
  get seen(): string[] {
    const lines = [''];
    for (const part of this.written.split(control)) {
      const up = upwards.exec(part)?.[1];
      if (up !== undefined) lines.splice(Math.max(0, lines.length - 1 - Number(up)), lines.length, '');
      else if (part === '\n') lines.push('');
      else if (part !== eraseToEnd) this.type(lines, part);
    }
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  }

  private type(lines: string[], text: string): void {
    const width = this.columns ?? 80;
    for (const letter of text) {
      const last = lines.at(-1) ?? '';
      if (last.length < width) lines[lines.length - 1] = last + letter;
      else lines.push(letter);
    }
  }
}
