import { visible } from './visible.js';

/** Where text goes: a terminal, or a file or pipe that is read later. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): void;
}

/** How often a line is written where lines cannot be drawn over. */
const pipedEveryMs = 5000;

/**
 * Lines that change in place on a terminal; where there is none, the first of them now and then.
 *
 * Whatever is printed meanwhile goes through `print`, above them.
 */
export class Screen {
  private drawn = 0;
  private writtenAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {}

  show(lines: readonly string[]): void {
    if (!this.output.isTTY) {
      if (this.now() - this.writtenAt < pipedEveryMs) return;
      this.writtenAt = this.now();
      this.output.write(
        `${lines
          .slice(0, 2)
          .map((line) => line.trim())
          .join('  ')}\n`,
      );
      return;
    }
    const width = this.output.columns ?? 80;
    // A line that wraps would be two, and the next drawing would be off.
    const cut = lines.map((line) => {
      const seen = visible(line);
      return seen.length < width ? line : `${seen.slice(0, width - 2)}…`;
    });
    this.output.write(`${this.erase()}${cut.map((line) => `${line}\n`).join('')}`);
    this.drawn = cut.length;
  }

  /** Writes a line that stays. */
  print(line = ''): void {
    this.output.write(`${this.erase()}${line}\n`);
    this.drawn = 0;
  }

  /** Takes the changing lines away. */
  clear(): void {
    this.output.write(this.erase());
    this.drawn = 0;
  }

  private erase(): string {
    return this.drawn === 0 ? '' : `\x1b[${this.drawn}A\x1b[0J`;
  }
}
