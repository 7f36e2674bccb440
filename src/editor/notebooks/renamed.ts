import { sep } from 'node:path';

/** The name that a file has after it, or a folder above it, was renamed; undefined where it was not. */
export function renamed(path: string, from: string, to: string): string | undefined {
  if (path === from) return to;
  return path.startsWith(`${from}${sep}`) ? `${to}${path.slice(from.length)}` : undefined;
}
