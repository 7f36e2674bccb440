/** Text as a terminal would leave it: a return starts its line anew, a backspace takes the last character back. */
export function overwritten(text: string): string {
  if (!/[\r\b]/.test(text)) return text;
  return text
    .split('\n')
    .map((line) => {
      // A return at the end of a line waits for what follows: some programs write it before a bar, some behind it.
      const body = line.replace(/\r+$/, '');
      const kept: string[] = [];
      for (const character of body.slice(body.lastIndexOf('\r') + 1)) {
        if (character === '\b') kept.pop();
        else kept.push(character);
      }
      return kept.join('') + (line.endsWith('\r') ? '\r' : '');
    })
    .join('\n');
}
