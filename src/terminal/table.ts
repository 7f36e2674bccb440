import { visible } from './visible.js';

/** How a column stands: numbers right, words left. */
export type Align = 'left' | 'right';

/**
 * Rows as aligned text, whatever colours are in them. The first row is the head; a row of no cells is a rule.
 *
 * @returns lines without a newline
 */
export function table(rows: readonly (readonly string[])[], align: readonly Align[]): string[] {
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => visible(row[column] ?? '').length)));
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return rows.flatMap((row, index) => {
    if (row.length === 0) return [rule];
    const line = align
      .map((side, column) => {
        const [cell, width] = [row[column] ?? '', widths[column] ?? 0];
        const room = ' '.repeat(Math.max(0, width - visible(cell).length));
        return side === 'left' ? cell + room : room + cell;
      })
      .join('  ')
      .trimEnd();
    return index === 0 ? [line, rule] : [line];
  });
}
