import { writeFile } from 'node:fs/promises';

/**
 * Writes an executable that stands for an interpreter: whatever its arguments, it runs `source` (CommonJS) in this Node.
 *
 * @returns `path`
 */
export async function standIn(path: string, source: string): Promise<string> {
  await writeFile(path, `#!${process.execPath}\n${source}\n`, { mode: 0o755 });
  return path;
}
