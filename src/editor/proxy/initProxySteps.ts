import type { Grids } from '../../owner/grids.js';
import { moment } from '../../owner/moment.js';
import type { OfferedCertificate } from '../../owner/proxy/offeredCertificates.js';
import { type Answer, askOne, askText, type Choice } from '../questions.js';
import type { Step } from '../steps.js';
import { askPassphrase, type Passphrase } from './askPassphrase.js';

/** What a person is asked for a new proxy. */
export interface ProxyWish {
  readonly certificate: OfferedCertificate | undefined;
  /** The added grid that it is for; undefined for a group that is typed. */
  readonly grid: string | undefined;
  /** DIRAC's; empty for its default for the person. */
  readonly group: string;
  readonly hours: number;
  /** Whether one for jobs is uploaded to the grid as well. */
  readonly upload: boolean;
  readonly passphrase: Passphrase | undefined;
}

export interface ProxyOffers {
  readonly certificates: readonly OfferedCertificate[];
  readonly grids: Grids;
  /** Lets a person choose a file that was not found; undefined where they leave it. */
  chooseCertificate(): Promise<OfferedCertificate | undefined>;
}

export const initProxyTitle = 'Initialise Proxy';
const title = initProxyTitle;
/** How long the one for jobs is good, in days; it ends no later than the certificate. */
export const uploadedDays = 30;

/** In this order; with what is found each is one Enter, and the passphrase. */
export function initProxySteps(offers: ProxyOffers): readonly Step<ProxyWish>[] {
  return [certificateStep(offers), gridStep(offers), groupStep, hoursStep, uploadStep, passphraseStep];
}

function certificateStep({ certificates, chooseCertificate }: ProxyOffers): Step<ProxyWish> {
  return {
    ask: async (wish, place) => {
      // One that was chosen from elsewhere is there again when a person comes back.
      const { certificate: before } = wish;
      const isOther = before !== undefined && !certificates.some(({ path }) => path === before.path);
      const known = isOther ? [before, ...certificates] : certificates;
      const other: Choice<OfferedCertificate | undefined> = {
        label: '$(folder-opened) Another file…',
        detail: 'usercert.pem, or a .p12 or .pfx file as a browser exports it',
        value: undefined,
      };
      const placeholder =
        known.length === 0
          ? 'No certificate of yours was found where grid tools look (X509_USER_CERT, ~/.globus); where is it?'
          : 'Which certificate?';
      const begin = (one: OfferedCertificate | undefined): boolean => one !== undefined && one.path === before?.path;
      const answer = await askOne({ title, place, placeholder, begin }, [...known.map(certificateChoice), other]);
      if (answer === undefined || answer === 'back') return answer;
      const certificate = answer.value ?? (await chooseCertificate());
      return certificate === undefined ? undefined : { value: { ...wish, certificate, passphrase: undefined } };
    },
  };
}

function certificateChoice(certificate: OfferedCertificate): Choice<OfferedCertificate | undefined> {
  const { path, identity, expires, files, needsPassphrase } = certificate;
  const kind =
    files.kind === 'pkcs12' ? 'from a browser' : needsPassphrase ? 'with a passphrase' : 'without a passphrase';
  const until = expires === undefined ? '' : `, until ${moment(expires)}`;
  const hasExpired = expires !== undefined && expires.getTime() <= Date.now();
  return {
    ...{ label: path, description: kind, value: certificate },
    detail: identity === undefined ? 'What is in it is told when it is open.' : `${identity}${until}`,
    disabled: hasExpired
      ? `It expired at ${moment(expires)}; ask your certification authority to renew it.`
      : undefined,
  };
}

function gridStep({ grids }: ProxyOffers): Step<ProxyWish> {
  return {
    skip: () => Object.keys(grids).length === 0,
    ask: async (wish, place) => {
      const choices: Choice<string | undefined>[] = Object.entries(grids).map(([name, { spec }]) => ({
        ...{ label: name, description: `group ${spec.group}`, value: name },
        detail: `${spec.url}, called with ${spec.proxy}`,
      }));
      const other = { label: 'Another group…', detail: 'Of a DIRAC that has not been added', value: undefined };
      const question = { title, place, placeholder: 'For which grid?', begin: (name?: string) => name === wish.grid };
      const answer = await askOne(question, [...choices, other]);
      return changed(answer, (grid) => {
        const group = grid === undefined ? undefined : grids[grid]?.spec.group;
        return { ...wish, grid, group: group ?? wish.group };
      });
    },
  };
}

const groupStep: Step<ProxyWish> = {
  skip: ({ grid }) => grid !== undefined,
  ask: async (wish, place) => {
    const answer = await askText({
      ...{ title, place, value: wish.group },
      placeholder: "For which of DIRAC's groups? Such as gridpp_user; empty: its default for you.",
      refuse: (text) =>
        /^[\x21-\x7e]{0,127}$/.test(text) ? undefined : "A group's name has no blanks and only ASCII letters.",
    });
    return changed(answer, (group) => ({ ...wish, group }));
  },
};

const hoursStep: Step<ProxyWish> = {
  ask: async (wish, place) => {
    const answer = await askText({
      ...{ title, place, value: String(wish.hours) },
      placeholder: 'For how many hours? It ends no later than your certificate.',
      refuse: (text) => (/^[1-9]\d{0,3}$/.test(text) ? undefined : 'A whole number of hours, 1 or more.'),
    });
    return changed(answer, (text) => ({ ...wish, hours: Number(text) }));
  },
};

const uploadStep: Step<ProxyWish> = {
  skip: ({ grid }) => grid === undefined,
  ask: async (wish, place) => {
    const { grid = '' } = wish;
    const yes = {
      ...{ label: '$(cloud-upload) Upload one for jobs as well', value: true },
      detail: `Jobs run with it for ${uploadedDays} days; ${grid} makes the key, yours signs for it and stays here.`,
    };
    const no = {
      ...{ label: 'Only here', value: false },
      detail: `${grid} runs jobs with the one that it has, where that has days left.`,
    };
    const question = { title, place, placeholder: `Shall jobs at ${grid} get one, too?`, begin: isIt(wish.upload) };
    return changed(await askOne(question, [yes, no]), (upload) => ({ ...wish, upload }));
  },
};

const passphraseStep: Step<ProxyWish> = {
  skip: ({ certificate }) => certificate?.needsPassphrase === false,
  ask: async (wish, place) => {
    if (wish.certificate === undefined) return undefined;
    const answer = await askPassphrase(title, wish.certificate.files, place);
    return changed(answer, (passphrase) => ({ ...wish, passphrase }));
  },
};

function changed<Value>(answer: Answer<Value>, change: (value: Value) => ProxyWish): Answer<ProxyWish> {
  return answer === undefined || answer === 'back' ? answer : { value: change(answer.value) };
}

function isIt<Value>(wanted: Value): (value: Value) => boolean {
  return (value) => value === wanted;
}
