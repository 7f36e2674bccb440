import type { z } from 'zod';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import type { GridSpec } from '../grid/gridSpec.js';
import { allocationOf } from '../keeper/allocation.js';
import { clusterName, type PoolSpec, poolSpec } from '../keeper/api.js';
import type { NewCluster } from '../keeper/clusters.js';
import type { ClusterPlan } from '../owner/clusterPlan.js';
import { type Answer, askOne, askSome, askText, type Place } from './questions.js';
import type { Step } from './steps.js';

/** What a person is asked for a new cluster with one pool. */
export interface ClusterWish {
  readonly grid: string;
  readonly sites: readonly string[];
  readonly workers: number;
  readonly cores: number;
  readonly memoryMb: number;
  readonly walltimeSeconds: number;
  readonly environment: EnvironmentSpec | undefined;
  readonly name: string;
}

/** What there is to choose from. */
export interface ClusterOffers {
  readonly localSites: NewCluster['localSites'];
  /** Besides this computer. */
  readonly grids: Readonly<Record<string, GridSpec>>;
  readonly takenNames: ReadonlySet<string>;
  askEnvironment(begin: EnvironmentSpec | undefined, place: Place): Promise<Answer<EnvironmentSpec>>;
}

export const newClusterTitle = 'New Cluster';
const local = 'local';
const title = newClusterTitle;

/** In this order; with the defaults each is one Enter. */
export function newClusterSteps(offers: ClusterOffers): readonly Step<ClusterWish>[] {
  return [gridStep(offers), sitesStep(offers), workersStep, coresStep(offers), memoryStep, walltimeStep]
    .concat(environmentStep(offers), nameStep(offers))
    .concat(lastStep);
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

export function sitesOf(
  grid: string,
  { localSites, grids }: ClusterOffers,
): readonly { name: string; slots?: number }[] {
  if (grid === local) return localSites;
  return (grids[grid]?.sites ?? []).map((name) => ({ name }));
}

function poolOf({ grid, sites, cores, memoryMb, walltimeSeconds, environment }: ClusterWish): PoolSpec {
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
      const question = { title, place, placeholder: 'Where shall its workers run?', begin: isValue(wish.grid) };
      const answer = await askOne(question, [here, ...others]);
      return changed(answer, (grid) =>
        grid === wish.grid ? wish : { ...wish, grid, sites: sitesOf(grid, offers).map(({ name }) => name) },
      );
    },
  };
}

function sitesStep(offers: ClusterOffers): Step<ClusterWish> {
  return {
    skip: ({ grid }) => sitesOf(grid, offers).length === 1,
    ask: async (wish, place) => {
      const choices = sitesOf(wish.grid, offers).map(({ name, slots }) => ({
        label: name,
        description: slots === undefined ? undefined : `${slots} slots`,
        value: name,
      }));
      const question = {
        ...{ title, place, placeholder: 'At which sites? Workers are spread evenly over them.' },
        begin: (site: string) => wish.sites.includes(site),
      };
      return changed(await askSome(question, choices), (sites) => ({ ...wish, sites }));
    },
  };
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
      const slots = sitesOf(wish.grid, offers)
        .filter(({ name }) => wish.sites.includes(name))
        .flatMap((site) => site.slots ?? []);
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
const lastStep: Step<ClusterWish> = {
  ask: async (wish, place) => {
    const { name, workers, sites } = wish;
    const asked = workers === 0 ? 'without workers' : allocationOf(wish, workers);
    const choice = { label: `$(rocket) Make ${name}`, detail: `${asked}, at ${sites.join(', ')}`, value: wish };
    return askOne({ title, place, placeholder: `This asks for ${asked} at most.` }, [choice]);
  },
};

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
