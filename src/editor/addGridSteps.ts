import { isAbsolute } from 'node:path';
import { SitespanError } from '../base/errors.js';
import type { GridClues } from '../grid/dirac/describeGrid.js';
import type { GridQuestion } from '../grid/dirac/gridAnswers.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';
import { gridName } from '../grid/gridSpec.js';
import type { FoundGrid, GridFinder } from './gridFinder.js';
import { type Answer, askOne, askSome, askText, type Check, type Choice } from './questions.js';
import type { Step } from './steps.js';

/** By what a person knows a grid. */
export type KnownBy = 'configuration' | 'url' | 'cfg';

/** What a person is asked for a grid, and what was found out with it. */
export interface GridWish {
  readonly by: KnownBy;
  /** Of the configuration server or the services; for `cfg` a path. */
  readonly address: string;
  readonly caDirectory: string;
  readonly setup?: string | undefined;
  readonly vo?: string | undefined;
  readonly group?: string | undefined;
  /** Of a grid that tells of none. */
  readonly sites?: readonly string[] | undefined;
  /** What had to be asked, and was answered above. */
  readonly answered?: Partial<Record<GridQuestion['about'], GridQuestion>> | undefined;
  /** With all of the above. */
  readonly found?: FoundGrid | undefined;
  /** Of the sites that were found; all where nothing was chosen. */
  readonly chosen?: readonly string[] | undefined;
  readonly name: string;
}

/** What there is to choose from. */
export interface GridOffers {
  readonly finder: Pick<GridFinder, 'find'>;
  /** Of the person, by which everything is asked. */
  readonly proxy: string;
  /** The group in it, where it has one. */
  readonly proxyGroup: string | undefined;
  /** `dirac.cfg` files on this computer. */
  readonly clientFiles: readonly string[];
  readonly takenNames: ReadonlySet<string>;
  /** What is wrong with the folder that is offered. */
  readonly authoritiesTrouble: string | undefined;
  /** What is wrong with a folder as one of authorities. @throws SitespanError with how to get one */
  readAuthorities(path: string): Promise<unknown>;
}

const title = 'Add Grid';
const authorities =
  "The folder with the certificates of grids' authorities: files such as 1a2b3c4d.0, the IGTF bundle.";
const examples: Readonly<Record<KnownBy, string>> = {
  configuration: 'https://dirac.example.org:9135/Configuration/Server',
  url: 'https://dirac.example.org:8443',
  cfg: '/path/to/dirac.cfg',
};
const questions: Readonly<Record<KnownBy, string>> = {
  configuration: 'The address of its configuration server',
  url: 'The address of its services, which others call the submission URL',
  cfg: 'The path of a dirac.cfg',
};

/** What is found out is never asked; what is asked is looked into before the next step. */
export function addGridSteps(offers: GridOffers): readonly Step<GridWish>[] {
  return [
    knownByStep(offers),
    authoritiesStep(offers),
    addressStep(offers),
    questionStep('setup', offers),
    questionStep('group', offers),
    // Of another group the VO and the sites may have to be asked.
    groupsStep(offers),
    questionStep('vo', offers),
    questionStep('sites', offers),
    sitesStep,
    nameStep(offers),
  ];
}

function knownByStep({ clientFiles }: GridOffers): Step<GridWish> {
  const row = (by: KnownBy, label: string, detail: string, address = ''): Choice<Pick<GridWish, 'by' | 'address'>> => ({
    ...{ label, detail },
    value: { by, address },
  });
  return {
    ask: async (wish, place) => {
      const choices = [
        ...clientFiles.map((path) => row('cfg', path, 'A DIRAC client is installed here: its grid is found.', path)),
        row('configuration', 'Configuration server', `Everything is found. Such as ${examples.configuration}`),
        row('url', 'Address of the services', `What is not found is asked. Such as ${examples.url}`),
        row('cfg', 'Another dirac.cfg…', 'Any client of the grid has one.'),
      ];
      const answer = await askOne(
        {
          ...{ title, place, placeholder: 'What do you know of the grid, a DIRAC? Its administrators tell.' },
          begin: ({ by, address }) => by === wish.by && (by !== 'cfg' || address === wish.address),
        },
        choices,
      );
      return changed(answer, ({ by, address }) => {
        if (by === wish.by && (address === '' || address === wish.address)) return wish;
        return { ...asBefore(wish), by, address };
      });
    },
  };
}

function authoritiesStep({ readAuthorities, authoritiesTrouble }: GridOffers): Step<GridWish> {
  return {
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.caDirectory },
        placeholder: authoritiesTrouble ?? authorities,
        refuse: (text) => (isAbsolute(text) ? undefined : 'An absolute path, such as /etc/grid-security/certificates.'),
        check: { saying: (path) => `Reading the authorities in ${path}…`, look: readAuthorities },
      });
      return changed(answer, (caDirectory) =>
        caDirectory === wish.caDirectory ? wish : { ...asBefore(wish), caDirectory },
      );
    },
  };
}

function addressStep(offers: GridOffers): Step<GridWish> {
  return {
    ask: async (wish, place) => {
      const withAddress = (address: string): GridWish =>
        address === wish.address && wish.found !== undefined ? wish : { ...asBefore(wish), address };
      const answer = await askText({
        ...{ title, place, value: wish.address, placeholder: `${questions[wish.by]}: ${examples[wish.by]}` },
        refuse: (text) => refuseAddress(wish.by, text),
        check: finding(
          offers,
          withAddress,
          (address) => `Asking ${wish.by === 'cfg' ? 'the grid of ' : ''}${address}…`,
        ),
      });
      return withFound(answer, withAddress, offers);
    },
  };
}

/** What could not be found out, where the grid does not tell. */
function questionStep(about: GridQuestion['about'], offers: GridOffers): Step<GridWish> {
  // Once answered it is no question of the grid's any more, and can be gone back to.
  const open = ({ found, answered }: GridWish): GridQuestion | undefined =>
    found?.questions.find((question) => question.about === about) ?? answered?.[about];
  const said = (wish: GridWish): string | undefined => (about === 'sites' ? wish.sites?.join(', ') : wish[about]);
  return {
    skip: (wish) => open(wish) === undefined,
    ask: async (wish, place) => {
      const question = open(wish);
      if (question === undefined) return { value: wish };
      const { sentence, choices } = question;
      const given = (text: string): GridWish => ({
        ...wish,
        [about]: about === 'sites' ? namesIn(text) : text,
        answered: { ...wish.answered, [about]: question },
      });
      const check = finding(offers, given, (text) => `Asking the grid with ${text}…`);
      if (choices.length > 0) {
        const rows = choices.map((choice) => ({ label: choice, value: choice }));
        const begin = (choice: string): boolean => choice === said(wish);
        return withFound(await askOne({ title, place, placeholder: sentence, begin, check }, rows), given, offers);
      }
      const answer = await askText({
        ...{ title, place, placeholder: sentence, value: said(wish) ?? '', check },
        refuse: (text) =>
          (about === 'sites' ? /^[\w.-]+([ ,]+[\w.-]+)*$/ : /^[\w.-]+$/).test(text)
            ? undefined
            : 'Letters, digits, "_", "." and "-"; several sites with commas between.',
      });
      return withFound(answer, given, offers);
    },
  };
}

/** Where the grid has its user in several groups. */
function groupsStep(offers: GridOffers): Step<GridWish> {
  return {
    skip: ({ found }) => (found?.groups.length ?? 0) < 2,
    ask: async (wish, place) => {
      const rows = (wish.found?.groups ?? []).map(({ name, vo }) => ({
        ...{ label: name, description: vo, value: name },
        detail: name === offers.proxyGroup ? 'Your proxy is for this group.' : 'It needs a proxy for this group.',
      }));
      const current = wish.found?.description?.spec.group ?? wish.group ?? offers.proxyGroup;
      const given = (group: string): GridWish => (group === current ? wish : { ...asGroup(wish), group });
      const question = {
        ...{ title, place, placeholder: 'As which of your groups there?', begin: (name: string) => name === current },
        check: finding(offers, given, (group) => `Asking the grid as ${group}…`),
      };
      return withFound(await askOne(question, rows), given, offers);
    },
  };
}

const sitesStep: Step<GridWish> = {
  skip: ({ found }) => (found?.sites.length ?? 0) < 2,
  ask: async (wish, place) => {
    const sites = wish.found?.sites ?? [];
    const rows = sites.map(({ name, banned, gridWords }) => ({
      ...{ label: name, value: name },
      description: banned ? `no jobs go there now: ${gridWords ?? 'banned'}` : gridWords,
    }));
    const placeholder = 'Which of its sites? Clusters choose among these; a banned one may open again.';
    const begin = (site: string): boolean => wish.chosen?.includes(site) ?? true;
    return changed(await askSome({ title, place, placeholder, begin }, rows), (chosen) => ({ ...wish, chosen }));
  },
};

function nameStep({ takenNames }: GridOffers): Step<GridWish> {
  return {
    ask: async (wish, place) => {
      const suggested = wish.found?.description?.spec.vo.replaceAll(/[^A-Za-z0-9_-]+/g, '-') ?? '';
      const value = wish.name !== '' || takenNames.has(suggested) ? wish.name : suggested;
      const answer = await askText({
        ...{
          title,
          place,
          value,
          placeholder: 'What shall it be called here? Clusters and the view "Sites" show this name.',
        },
        refuse: (text) => {
          const parsed = gridName.safeParse(text);
          if (!parsed.success) return parsed.error.issues[0]?.message;
          if (text === 'local') return '"local" is this computer.';
          return takenNames.has(text) ? `There is a grid ${text} on this computer already.` : undefined;
        },
      });
      return changed(answer, (name) => ({ ...wish, name }));
    },
  };
}

/** What a wish says of the grid. */
export function cluesOf(wish: GridWish, proxy: string): GridClues {
  const { by, address, caDirectory, setup, vo, group, sites } = wish;
  const at = (one: KnownBy): string | undefined => (by === one ? address : undefined);
  return {
    ...{ url: at('url'), configuration: at('configuration'), cfg: at('cfg') },
    ...{ caDirectory, setup, vo, group, sites, proxy },
  };
}

/**
 * The grid as it is wished for.
 *
 * @throws SitespanError `grid-question` where something is not known of it that no step has asked
 */
export function gridOf({ found, chosen }: GridWish): GridDescription {
  const description = found?.description;
  if (description === undefined) {
    const open = (found?.questions ?? []).map(({ sentence }) => sentence).join(' ');
    throw new SitespanError(
      'grid-question',
      `The grid is not added, for something of it is not known: ${open} Add it again, and answer that or name another group.`,
    );
  }
  if (chosen === undefined) return description;
  return { ...description, spec: { ...description.spec, sites: [...chosen] } };
}

/** Of another grid nothing is known. */
function asBefore({ by, address, caDirectory, name }: GridWish): GridWish {
  return { by, address, caDirectory, name };
}

/** Of another group's VO and sites nothing is known, and what was asked of this one's need not be asked. */
function asGroup(wish: GridWish): GridWish {
  const { vo: _vo, sites: _sites, ...answered } = wish.answered ?? {};
  return { ...wish, answered, vo: undefined, sites: undefined, chosen: undefined };
}

function finding<Value>(
  { finder, proxy }: GridOffers,
  given: (value: Value) => GridWish,
  saying: (value: Value) => string,
): Check<Value> {
  return { saying, look: (value, signal) => finder.find(cluesOf(given(value), proxy), signal) };
}

async function withFound<Value>(
  answer: Answer<Value>,
  given: (value: Value) => GridWish,
  { finder, proxy }: GridOffers,
): Promise<Answer<GridWish>> {
  if (answer === undefined || answer === 'back') return answer;
  const wish = given(answer.value);
  return { value: { ...wish, found: await finder.find(cluesOf(wish, proxy)) } };
}

function changed<Value>(answer: Answer<Value>, change: (value: Value) => GridWish): Answer<GridWish> {
  return answer === undefined || answer === 'back' ? answer : { value: change(answer.value) };
}

function refuseAddress(by: KnownBy, text: string): string | undefined {
  if (by === 'cfg') return isAbsolute(text) ? undefined : `An absolute path, such as ${examples.cfg}.`;
  if (text.startsWith('dips://')) return 'dips:// cannot be used; ask for the address of its HTTPS services.';
  if (/^https:\/\/[^\s/?#]+[^\s?#]*$/.test(text) && URL.canParse(text)) return undefined;
  return `An address that starts with https://, such as ${examples[by]}.`;
}

function namesIn(text: string): readonly string[] {
  return text.split(/[ ,]+/).filter((name) => name !== '');
}
