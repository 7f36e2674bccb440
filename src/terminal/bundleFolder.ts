import { dirname, resolve } from 'node:path';

/** Where this program lies, and beside it what a cluster is born with: wheel and package. */
export function bundleFolder(): string {
  return dirname(resolve(process.argv[1] ?? ''));
}
