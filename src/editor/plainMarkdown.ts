/**
 * Markdown that shows exactly `text`. Not `appendText`: that makes every space one that does not break, and a sentence then
 * runs out of its tooltip.
 */
export function plainMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+\-!.>|~$:]/g, '\\$&')
    .replaceAll('\n', '\n\n');
}
