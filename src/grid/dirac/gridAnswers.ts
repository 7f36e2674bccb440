import { SitespanError } from '../../base/errors.js';
import type { DiracConfiguration } from './configuration.js';

/** What could not be found out about a grid, and has to be told. */
export interface GridQuestion {
  readonly about: 'setup' | 'vo' | 'group' | 'sites';
  readonly sentence: string;
  /** The answers there are; none where any may be right. */
  readonly choices: readonly string[];
}

export function isQuestion(found: string | readonly string[] | GridQuestion): found is GridQuestion {
  return typeof found === 'object' && 'about' in found;
}

/** @returns the empty one for a DIRAC 9, which has no setups. @throws SitespanError `setup-unknown` */
export function setupOf(
  wished: string | undefined,
  configuration: DiracConfiguration | undefined,
): string | GridQuestion {
  if (configuration === undefined) {
    if (wished !== undefined) return wished;
    const where =
      'It is DIRAC/Setup in the dirac.cfg of any client of this grid; under a wrong one jobs wait for ever.';
    return { about: 'setup', sentence: `Which setup is it? ${where}`, choices: [] };
  }
  const { setups, setup } = configuration;
  if (setups.length === 0) return '';
  const chosen = wished ?? setup ?? (setups.length === 1 ? setups[0] : undefined);
  if (chosen === undefined) return { about: 'setup', sentence: 'Which of its setups is yours?', choices: setups };
  if (setups.includes(chosen)) return chosen;
  throw new SitespanError(
    'setup-unknown',
    `This grid has no setup ${chosen}: jobs would wait for ever; it has ${setups.join(', ')}.`,
  );
}

/** @throws SitespanError `group-unknown` */
export function groupOf(
  wished: string | undefined,
  configuration: DiracConfiguration | undefined,
): string | GridQuestion {
  const groups = (configuration?.groups ?? []).map(({ name }) => name);
  if (!wished) return { about: 'group', sentence: 'Which group are you in there?', choices: groups };
  if (groups.length === 0 || groups.includes(wished)) return wished;
  throw new SitespanError('group-unknown', `This grid has no group ${wished}; it has ${groups.join(', ')}.`);
}

export function voOf(found: string | undefined, configuration: DiracConfiguration | undefined): string | GridQuestion {
  if (found !== undefined) return found;
  const choices = [...new Set((configuration?.groups ?? []).flatMap(({ vo }) => vo ?? []))];
  return { about: 'vo', sentence: 'Which virtual organisation are you in?', choices };
}

/**
 * @param there those that the grid tells of
 * @throws SitespanError `site-unknown`
 */
export function sitesOf(
  wished: readonly string[] | undefined,
  there: readonly string[],
): readonly string[] | GridQuestion {
  if (wished === undefined || wished.length === 0) {
    const sentence = 'To which sites shall jobs go? It tells of none, so give their names, as LCG.UKI-LT2-Brunel.uk.';
    return there.length === 0 ? { about: 'sites', sentence, choices: [] } : there;
  }
  if (there.length === 0) return wished;
  const known = new Map(there.map((name) => [name.toLowerCase(), name]));
  return wished.map((name) => {
    const found = known.get(name.toLowerCase());
    if (found !== undefined) return found;
    throw new SitespanError('site-unknown', `This grid has no site ${name} for you; it has ${there.join(', ')}.`);
  });
}
