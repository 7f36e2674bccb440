import { stripVTControlCharacters } from 'node:util';
import { multiline, type Output } from './outputs.js';
import { overwritten } from './overwritten.js';

/**
 * A cell's outputs as plain text for a terminal: no colours, progress bars as they ended, a picture by its name.
 * What a notebook prints may come from anywhere, so nothing in it can move the cursor or talk to the terminal.
 */
export function outputText(outputs: readonly Output[]): string {
  const parts = outputs.map((output) => plain(textOf(output)));
  return parts.map((part, at) => (at < parts.length - 1 && !part.endsWith('\n') ? `${part}\n` : part)).join('');
}

/** The form of an output that a terminal shows, as it came. */
export function textOf(output: Output): string {
  switch (output.output_type) {
    case 'stream':
      return output.text;
    case 'error':
      return output.traceback.length > 0 ? output.traceback.join('\n') : `${output.ename}: ${output.evalue}`;
    case 'display_data':
    case 'execute_result':
      return multiline.safeParse(output.data['text/plain']).data ?? `[${Object.keys(output.data).join(', ')}]`;
  }
}

function plain(text: string): string {
  const printed = overwritten(stripVTControlCharacters(text)).replaceAll('\r', '');
  // What is left of C0 and C1 but tab and newline.
  return printed.replace(/[^\t\n\P{Cc}]/gu, '');
}
