import { isAbsolute, join, resolve } from 'node:path';
import { SitespanError } from '../base/errors.js';
import type { EnvironmentSpec } from './environmentSpec.js';

/** How an environment is written in an option of a command: `/path/to/python`, `conda:/prefix`, `script:/setup.sh`, `container:/image`. */
export const environmentForms = '/path/to/python, conda:/prefix, script:/path/setup.sh or container:/path/to/image';

/**
 * Reads an environment as a person writes it in an option. Paths are from the folder one is in; `~/` is the home, which a
 * shell does not replace behind a colon. A name without a slash is looked for in PATH.
 *
 * @throws SitespanError `usage`
 */
export function parseEnvironment(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): EnvironmentSpec {
  const [, kind = 'python', what = ''] = /^(?:(python|conda|script|container):)?(.*)$/s.exec(text) ?? [];
  if (what.trim() === '') {
    throw new SitespanError('usage', `${JSON.stringify(text)} names no environment; give ${environmentForms}.`);
  }
  switch (kind) {
    case 'conda':
      return { kind, prefix: whole(what, env) };
    case 'script':
      return { kind, script: whole(what, env), python: 'python3' };
    case 'container':
      // An image may be at a registry: docker://coffeateam/coffea-dask.
      return { kind, image: /^[a-z]+:\/\//.test(what) ? what : whole(what, env), python: 'python3' };
    default:
      return { kind: 'python', python: what.includes('/') ? whole(what, env) : what };
  }
}

/** The same form back. */
export function formatEnvironment(spec: EnvironmentSpec): string {
  switch (spec.kind) {
    case 'python':
      return spec.python;
    case 'conda':
      return `conda:${spec.prefix}`;
    case 'script':
      return `script:${spec.script}`;
    case 'container':
      return `container:${spec.image}`;
  }
}

function whole(path: string, env: Readonly<Record<string, string | undefined>>): string {
  const home = env['HOME'];
  if (path.startsWith('~/') && home !== undefined && isAbsolute(home)) return join(home, path.slice(2));
  return resolve(path);
}
