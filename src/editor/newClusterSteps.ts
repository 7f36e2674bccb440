import type { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { environmentForms, parseEnvironment } from '../environment/parseEnvironment.js';
import type { GridSpec } from '../grid/gridSpec.js';
import { allocationOf } from '../keeper/allocation.js';
import { clusterName, type PoolSpec, poolSpec } from '../keeper/api.js';
import type { NewCluster } from '../keeper/clusters.js';
import type { ClusterPlan } from '../owner/clusterPlan.js';
import type { GridSite } from '../owner/gridSites.js';
import { refuseEnvironment } from './environments.js';
import { type Answer, askOne, askSome, askText, type Choice, type Place } from './questions.js';
import type { Step } from './steps.js';

/** What a person is asked for a new cluster with one pool. */
export interface ClusterWish {
  readonly grid: string;
  readonly sites: readonly string[];
  readonly workers: number;
  readonly cores: number;
  readonly memoryMb: number;
  readonly walltimeSeconds: number;
  /** Of scheduler and kernels; on this computer also of the workers. */
  readonly environment: EnvironmentSpec | undefined;
  /** Of the workers at the sites of a grid, as their nodes see it. */
  readonly workerEnvironment: string;
  readonly name: string;
}

/** What there is to choose from. */
export interface ClusterOffers {
  readonly localSites: NewCluster['localSites'];
  /** Besides this computer. */
  readonly grids: Readonly<Record<string, GridSpec>>;
  readonly takenNames: ReadonlySet<string>;
  /** The sites of one of the grids as they are now; asked once. @throws SitespanError why nobody can use it now */
  sitesAt(grid: string, signal?: AbortSignal): Promise<readonly GridSite[]>;
  askEnvironment(begin: EnvironmentSpec | undefined, place: Place): Promise<Answer<EnvironmentSpec>>;
}

export const newClusterTitle = 'New Cluster';
const local = 'local';
const title = newClusterTitle;

/**
 * In this order; with the defaults each is one Enter.
 *
 * @param trouble what speaks against a grid, in a sentence; it is called before the last question, and hinders nothing
 */
export function newClusterSteps(
  offers: ClusterOffers,
  trouble: (grid: string) => string | undefined,
): readonly Step<ClusterWish>[] {
  return [
    gridStep(offers),
    sitesStep(offers, title, 'At which sites? Workers are spread evenly over them.'),
    workersStep,
    coresStep(offers),
    memoryStep,
    walltimeStep,
  ]
    .concat(environmentStep(offers), workerEnvironmentStep(title), nameStep(offers))
    .concat(lastStep(trouble));
}

/** What decides whether workers could run at sites of a grid. */
export function probeSteps(offers: ClusterOffers, probeTitle: string): readonly Step<ClusterWish>[] {
  const sites = sitesStep(offers, probeTitle, 'Which sites? Each gets one short job.');
  return [sites, environmentStep(offers), workerEnvironmentStep(probeTitle)];
}

/** The wish as a plan: one pool, `main`. */
export function planOfWish(wish: ClusterWish, offers: ClusterOffers): ClusterPlan {
  const { name, environment, workers } = wish;
  const grids = wish.grid === local ? {} : pickedGrid(wish.grid, offers);
  return {
    wish: { name, localSites: offers.localSites, grids, ...(environment === undefined ? {} : { environment }) },
    pools: [{ spec: poolOf(wish), workers }],
  };
}

function poolOf({ grid, sites, cores, memoryMb, walltimeSeconds, ...wish }: ClusterWish): PoolSpec {
  const environment = grid === local ? wish.environment : parseEnvironment(wish.workerEnvironment);
  const python = environment?.kind === 'python' ? { python: environment.python } : {};
  const other = environment === undefined || environment.kind === 'python' ? {} : { environment };
  return poolSpec.parse({
    ...{ name: 'main', grid, sites: [...sites], cores, memoryMb, walltimeSeconds },
    ...python,
    ...other,
  });
}

function pickedGrid(name: string, { grids }: ClusterOffers): Record<string, GridSpec> {
  const spec = grids[name];
  return spec === undefined ? {} : { [name]: spec };
}

function gridStep(offers: ClusterOffers): Step<ClusterWish> {
  return {
    skip: () => Object.keys(offers.grids).length === 0,
    ask: async (wish, place) => {
      const here = {
        label: 'This computer',
        description: offers.localSites.map(({ name }) => name).join(', '),
        value: local,
      };
      const others = Object.entries(offers.grids).map(([name, { kind, sites }]) => ({
        label: name,
        description: `${kind} · ${sites.join(', ')}`,
        value: name,
      }));
      const question = {
        ...{ title, place, placeholder: 'Where shall its workers run?', begin: isValue(wish.grid) },
        check: {
          saying: (grid: string) => `Asking ${grid} for its sites…`,
          look: (grid: string, signal: AbortSignal) => openSites(grid, offers, signal),
        },
      };
      const answer = await askOne(question, [here, ...others]);
      if (answer === undefined || answer === 'back') return answer;
      const grid = answer.value;
      if (grid === wish.grid && wish.sites.length > 0) return { value: wish };
      const open = await openSites(grid, offers);
      // Jobs go to sites of a grid that a person has named, and to no others.
      const sites = grid === local || open.length === 1 ? open.map(({ name }) => name) : [];
      return { value: { ...wish, grid, sites } };
    },
  };
}

/** Of a grid those that take jobs now. @throws SitespanError `site-banned` where none does; as `sitesAt` */
async function openSites(
  grid: string,
  offers: ClusterOffers,
  signal?: AbortSignal,
): Promise<readonly { readonly name: string }[]> {
  if (grid === local) return offers.localSites;
  const open = (await offers.sitesAt(grid, signal)).filter((site) => !isBanned(site));
  if (open.length > 0) return open;
  throw new SitespanError('site-banned', `The grid ${grid} sends no jobs to any of its sites now; choose another.`);
}

function sitesStep(offers: ClusterOffers, title: string, placeholder: string): Step<ClusterWish> {
  return {
    skip: ({ grid }) => (grid === local ? offers.localSites : (offers.grids[grid]?.sites ?? [])).length === 1,
    ask: async (wish, place) => {
      const { grid } = wish;
      const choices: readonly Choice<string>[] =
        grid === local
          ? offers.localSites.map(({ name, slots }) => ({ label: name, description: `${slots} slots`, value: name }))
          : (await offers.sitesAt(grid)).map((site) => choiceOfSite(grid, site));
      const question = {
        ...{ title, place, placeholder },
        begin: (site: string) => wish.sites.includes(site),
      };
      return changed(await askSome(question, choices), (sites) => ({ ...wish, sites }));
    },
  };
}

function choiceOfSite(grid: string, site: GridSite): Choice<string> {
  const { name, word, jobs, verdict } = site;
  const counted = jobs === undefined ? [] : [`${jobs.running} running, ${jobs.waiting} waiting of all users`];
  const probed = verdict === undefined ? [] : [verdict.ok ? 'probed: fit' : 'probed: unfit'];
  return {
    label: name,
    description: [...counted, ...probed].join(' · '),
    detail: verdict?.ok === false ? verdict.sentence : undefined,
    value: name,
    disabled: isBanned(site) ? `The grid ${grid} sends no jobs there now (${word}).` : undefined,
  };
}

function isBanned({ word }: GridSite): boolean {
  return word !== undefined && word !== 'Active';
}

const workersStep: Step<ClusterWish> = {
  ask: async (wish, place) => {
    const placeholder = 'How many workers? Each is one job. The number can be changed at any time.';
    const answer = await askText({
      ...{ title, place, placeholder, value: String(wish.workers) },
      refuse: (text) => (/^\d+$/.test(text) ? undefined : 'A whole number, 0 or more.'),
    });
    return changed(answer, (text) => ({ ...wish, workers: Number(text) }));
  },
};

function coresStep(offers: ClusterOffers): Step<ClusterWish> {
  return {
    ask: async (wish, place) => {
      const here = wish.grid === local ? offers.localSites : [];
      const slots = here.filter(({ name }) => wish.sites.includes(name)).map((site) => site.slots);
      const most = slots.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...slots);
      const refuse = (text: string): string | undefined => {
        if (!fits(poolSpec.shape.cores, text)) return 'A whole number, 1 or more.';
        return Number(text) > most ? `One of the sites has only ${most} slots.` : undefined;
      };
      const placeholder = 'How many cores has a worker? It runs as many tasks at once.';
      const answer = await askText({ title, place, placeholder, value: String(wish.cores), refuse });
      return changed(answer, (text) => ({ ...wish, cores: Number(text) }));
    },
  };
}

const memoryStep: Step<ClusterWish> = {
  ask: async (wish, place) => {
    const answer = await askText({
      ...{
        title,
        place,
        placeholder: 'How much memory has a worker, in MB? 0 for no limit.',
        value: String(wish.memoryMb),
      },
      refuse: (text) => (fits(poolSpec.shape.memoryMb, text) ? undefined : 'A whole number of MB, or 0 for no limit.'),
    });
    return changed(answer, (text) => ({ ...wish, memoryMb: Number(text) }));
  },
};

const walltimeStep: Step<ClusterWish> = {
  ask: async (wish, place) => {
    const secondsOf = (text: string): string => String(Math.round(Number(text) * 3600));
    const answer = await askText({
      ...{
        title,
        place,
        placeholder: 'How long may a worker run, in hours? A pool replaces those whose time is over.',
      },
      value: String(Number((wish.walltimeSeconds / 3600).toFixed(2))),
      refuse: (text) =>
        text !== '' && fits(poolSpec.shape.walltimeSeconds, secondsOf(text))
          ? undefined
          : 'Hours, such as 24 or 0.5, and a minute at least.',
    });
    return changed(answer, (text) => ({ ...wish, walltimeSeconds: Number(secondsOf(text)) }));
  },
};

function environmentStep(offers: ClusterOffers): Step<ClusterWish> {
  return {
    ask: async (wish, place) =>
      changed(await offers.askEnvironment(wish.environment, place), (environment) => ({ ...wish, environment })),
  };
}

function workerEnvironmentStep(title: string): Step<ClusterWish> {
  return {
    skip: ({ grid }) => grid === local,
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.workerEnvironment, refuse: refuseEnvironment },
        placeholder: `The Python of its workers, as the nodes of the sites see it, with the versions of the cluster's: python3, ${environmentForms}`,
      });
      return changed(answer, (workerEnvironment) => ({ ...wish, workerEnvironment }));
    },
  };
}

function nameStep({ takenNames }: ClusterOffers): Step<ClusterWish> {
  return {
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, placeholder: 'What is it called? Notebooks show this name.', value: wish.name },
        refuse: (text) => {
          const parsed = clusterName.safeParse(text);
          if (!parsed.success) return parsed.error.issues[0]?.message;
          return takenNames.has(text) ? `There is a cluster ${text} on this computer already.` : undefined;
        },
      });
      return changed(answer, (name) => ({ ...wish, name }));
    },
  };
}

/** Says what is going to be asked of the sites, before it is. */
function lastStep(trouble: (grid: string) => string | undefined): Step<ClusterWish> {
  return {
    ask: async (wish, place) => {
      const { name, workers, sites, grid } = wish;
      const asked = workers === 0 ? 'without workers' : allocationOf(wish, workers);
      const against = grid === local ? undefined : trouble(grid);
      const detail = against === undefined ? `${asked}, at ${sites.join(', ')}` : `$(warning) ${against}`;
      const choice = { label: `$(rocket) Make ${name}`, detail, value: wish };
      return askOne({ title, place, placeholder: `This asks for ${asked} at most.` }, [choice]);
    },
  };
}

function changed<Value>(answer: Answer<Value>, change: (value: Value) => ClusterWish): Answer<ClusterWish> {
  return answer === undefined || answer === 'back' ? answer : { value: change(answer.value) };
}

function isValue<Value>(wanted: Value): (value: Value) => boolean {
  return (value) => value === wanted;
}

/** Whether a text, as a number, is what the keeper takes. */
function fits(schema: z.ZodType, text: string): boolean {
  return text !== '' && schema.safeParse(Number(text)).success;
}
