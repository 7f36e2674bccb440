import { resolve } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { usualAuthorityFolder } from '../credentials/authorityFolder.js';
import { usualProxyPath } from '../credentials/proxyFile.js';
import { checkGrid, type GridFinding } from '../grid/dirac/checkGrid.js';
import { describeGrid, type GridClues } from '../grid/dirac/describeGrid.js';
import type { GridQuestion } from '../grid/dirac/gridAnswers.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';
import { unanswered } from '../owner/gridPlace.js';
import { addGrid, readGrid, readGrids, removeGrid } from '../owner/grids.js';
import { ask, canAsk } from './asking.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { gridHelp } from './help/gridHelp.js';
import { note, print } from './print.js';
import { table } from './table.js';
import { untilStopped } from './untilStopped.js';

/** Of each question, what answers it on the command line. */
const flags = { setup: '--setup', vo: '--vo', group: '--group', sites: '--site' } as const;

/** `sitespan grid add|list|check|remove`. @returns 1 where `check` finds something wrong */
export function runGrid(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('grid', gridHelp, argv);
  const [what, name, ...more] = given.words;
  if (more.length > 0 || (what === 'list') !== (name === undefined)) throw given.wrong();
  return untilStopped(async (signal) => {
    switch (what) {
      case 'add':
        return add(name ?? '', given, signal);
      case 'list':
        return list(given);
      case 'check':
        return check(name ?? '', given, signal);
      case 'remove':
        await removeGrid(name ?? '');
        print(`${name} is forgotten; clusters that were made with it keep it.`);
        return 0;
      default:
        throw given.wrong();
    }
  });
}

async function add(name: string, given: GivenArguments, signal: AbortSignal): Promise<number> {
  // Nobody answers questions for a name that is taken.
  if (!given.has('--replace') && Object.hasOwn(await readGrids(), name)) {
    throw new SitespanError('grid-exists', `There is a grid ${name} already; choose another name, or add --replace.`);
  }
  const description = await found(cluesOf(given), signal);
  await addGrid(name, description, given.has('--replace'));
  const { setup, vo, group, sites } = description.spec;
  print(`${name} is added: ${setup === '' ? '' : `setup ${setup}, `}VO ${vo}, group ${group}, at ${sites.join(', ')}.`);
  print(`Try its services: sitespan grid check ${name}`);
  print(`Workers there: sitespan up NAME --grid ${name} --site ${sites[0] ?? 'SITE'}`);
  return 0;
}

/** Asks for what cannot be found until nothing is missing. */
async function found(clues: GridClues, signal: AbortSignal): Promise<GridDescription> {
  const { description, questions, remarks } = await describeGrid(clues, { signal });
  for (const remark of remarks) note(remark);
  if (description !== undefined) return description;
  if (!canAsk()) throw unanswered(questions, flags);
  return found(await answered(clues, questions, signal), signal);
}

async function answered(clues: GridClues, questions: readonly GridQuestion[], signal: AbortSignal): Promise<GridClues> {
  let known = clues;
  for (const { about, sentence, choices } of questions) {
    const among = choices.length === 0 ? '' : ` (${choices.join(', ')})`;
    const text = (await ask(`${sentence}${among}: `, false, signal)).trim();
    if (!/^[\w.,\- ]+$/.test(text)) throw new SitespanError('grid-question', 'That was no answer; nothing is added.');
    known = { ...known, [about]: about === 'sites' ? text.split(/[ ,]+/) : text };
  }
  return known;
}

function cluesOf(given: GivenArguments): GridClues {
  const [cfg, sites] = [given.text('--cfg'), given.all('--site')];
  return {
    ...{ url: addressIn(given, '--url'), configuration: addressIn(given, '--configuration') },
    ...{ setup: given.text('--setup'), vo: given.text('--vo'), group: given.text('--group') },
    cfg: cfg === undefined ? undefined : resolve(cfg),
    sites: sites.length === 0 ? undefined : sites,
    // Clusters read them from folders of their own.
    proxy: resolve(given.text('--proxy') ?? usualProxyPath()),
    caDirectory: resolve(given.text('--ca') ?? usualAuthorityFolder()),
  };
}

function addressIn(given: GivenArguments, flag: string): string | undefined {
  const text = given.text(flag);
  if (text === undefined || (text.startsWith('https://') && URL.canParse(text))) return text;
  throw new SitespanError('usage', `${flag} is an address that starts with https://, not ${text}.`);
}

async function list(given: GivenArguments): Promise<number> {
  const grids = await readGrids();
  if (given.has('--json')) {
    print(JSON.stringify(grids, null, 2));
    return 0;
  }
  const rows = Object.entries(grids).map(([name, { spec }]) => [
    ...[name, new URL(spec.url).host, spec.setup, spec.vo, spec.group],
    spec.sites.join(', '),
  ]);
  if (rows.length === 0) print('No grid has been added; add one with: sitespan grid add NAME --configuration URL');
  else for (const line of table([['grid', 'services', 'setup', 'VO', 'group', 'sites'], ...rows], sixLeft)) print(line);
  return 0;
}

const sixLeft = ['left', 'left', 'left', 'left', 'left', 'left'] as const;

async function check(name: string, given: GivenArguments, signal: AbortSignal): Promise<number> {
  const findings = await checkGrid(await readGrid(name), { signal });
  if (given.has('--json')) print(JSON.stringify(findings, null, 2));
  else show(findings);
  return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
}

function show(findings: readonly GridFinding[]): void {
  const { good, doubtful, bad } = coloursOf(process.stdout);
  const marks = { good: good('ok'), doubtful: doubtful('doubtful'), wrong: bad('wrong') };
  const rows = findings.map(({ service, verdict, sentence, address }) => [
    ...[service, marks[verdict]],
    verdict === 'good' ? sentence : `${sentence} (${address})`,
  ]);
  for (const line of table([['service', '', 'found'], ...rows], ['left', 'left', 'left'])) print(line);
}
