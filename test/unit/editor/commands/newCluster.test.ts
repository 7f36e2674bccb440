import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import {
  type ClusterOffers,
  type ClusterWish,
  newClusterSteps,
  planOfWish,
} from '../../../../src/editor/newClusterSteps.js';
import { askSteps } from '../../../../src/editor/steps.js';
import type { EnvironmentSpec } from '../../../../src/environment/environmentSpec.js';
import { gridSpec } from '../../../../src/grid/gridSpec.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { newScreen, type Screen } from '../../../rigs/window/vscode.mjs';

const conda: EnvironmentSpec = { kind: 'conda', prefix: '/opt/coffea' };
const dirac = gridSpec.parse({
  ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'Production', vo: 'vo', group: 'vo_user' },
  ...{
    sites: ['LCG.A.uk', 'LCG.B.fr', 'LCG.C.fr'],
    proxy: '/tmp/x509up',
    caDirectory: '/etc/grid-security/certificates',
  },
});

describe('New Cluster', () => {
  let screen: Screen;
  beforeEach(() => {
    screen = newScreen();
  });

  const first: ClusterWish = {
    ...{ grid: 'local', sites: ['north', 'south'], workers: 2, cores: 1, memoryMb: 0, walltimeSeconds: 86_400 },
    ...{ environment: undefined, workerEnvironment: 'python3', name: 'cluster' },
  };
  const offers = (changes: Partial<ClusterOffers> = {}): ClusterOffers => ({
    localSites: ['north', 'south'].map((name) => ({ name, slots: 4, enter: [] })),
    grids: {},
    takenNames: new Set(['taken']),
    sitesAt: async () => [
      { name: 'LCG.A.uk', word: 'Banned', workers: 0 },
      { name: 'LCG.B.fr', word: 'Active', workers: 0 },
      { name: 'LCG.C.fr', workers: 0 },
    ],
    askEnvironment: async () => ({ value: conda }),
    ...changes,
  });

  /** Answers a question by something of its words; what is not named is taken as it stands. */
  function answering(answers: Readonly<Record<string, readonly unknown[]>>): (question: Asked) => unknown {
    const left = Object.entries(answers).map(([words, all]) => ({ words, all: [...all] }));
    return ({ placeholder = '' }) => {
      const found = left.find(({ words, all }) => placeholder.includes(words) && all.length > 0);
      return found === undefined ? 'accept' : found.all.shift();
    };
  }

  async function wished(
    answers: Readonly<Record<string, readonly unknown[]>>,
    of = offers(),
    trouble: (grid: string) => string | undefined = () => undefined,
  ): Promise<ClusterWish | undefined> {
    screen.answer = answering(answers);
    return askSteps(first, newClusterSteps(of, trouble));
  }

  it('is one Enter a question with what is ready, and says the allocation last', async () => {
    const wish = await wished({});
    assert.deepEqual(wish, { ...first, environment: conda });
    assert.equal(screen.asked.at(-1)?.placeholder, 'This asks for 2 jobs × 1 core × 24 h = 48 core hours at most.');
    assert.deepEqual(screen.asked.at(-1)?.labels, ['$(rocket) Make cluster']);
  });

  it('takes what is answered, and tells why an answer does not do', async () => {
    const wish = await wished({
      ...{ 'At which sites': [['south']], 'How many workers': ['some', '8'], 'How many cores': ['9', '4'] },
      ...{ 'How much memory': ['2000'], 'How long': ['0', '0.5'], 'What is it called': ['taken', 'no spaces', 'mine'] },
    });
    assert.deepEqual(wish, {
      ...first,
      ...{ sites: ['south'], workers: 8, cores: 4, memoryMb: 2000, walltimeSeconds: 1800, name: 'mine' },
      environment: conda,
    });
    const problems = screen.asked.flatMap(({ problem }) => (problem === undefined || problem === '' ? [] : [problem]));
    assert.deepEqual(problems, [
      'A whole number, 0 or more.',
      'One of the sites has only 4 slots.',
      'Hours, such as 24 or 0.5, and a minute at least.',
      'There is a cluster taken on this computer already.',
      'A name has up to 40 letters, digits, "-" or "_", and starts with a letter or digit.',
    ]);
  });

  it('comes to nothing at whichever question it is left', async () => {
    await wished({});
    for (const { placeholder = '' } of [...screen.asked]) {
      assert.equal(await wished({ [placeholder.slice(0, 12)]: [undefined] }), undefined, placeholder);
    }
  });

  it('asks no question that has one answer', async () => {
    await wished({}, offers({ localSites: [{ name: 'here', slots: 4, enter: [] }] }));
    const asked = screen.asked.map(({ placeholder = '' }) => placeholder);
    assert.equal(asked[0]?.startsWith('How many workers'), true);
  });

  it('makes a cluster on another grid by the same questions, with that grid, its sites, and a Python of theirs', async () => {
    const of = offers({ grids: { ukqcd: dirac } });
    const wish = await wished(
      {
        ...{ 'Where shall': ['ukqcd'], 'At which sites': ['accept'], 'Choose at least one': [['LCG.B.fr']] },
        'How many cores': ['8'],
        'The Python of its workers': ['container:', 'conda:/cvmfs/coffea'],
      },
      of,
    );
    assert.ok(wish);
    const { wish: made, pools } = planOfWish(wish, of);
    assert.deepEqual([made.grids, made.environment], [{ ukqcd: dirac }, conda]);
    assert.deepEqual(
      pools.map(({ spec, workers }) => [spec.grid, spec.sites, spec.cores, spec.environment, workers]),
      [['ukqcd', ['LCG.B.fr'], 8, { kind: 'conda', prefix: '/cvmfs/coffea' }, 2]],
    );
    const places = screen.asked.map(({ placeholder = '' }) => placeholder);
    // No site of a grid is taken by itself, and an environment has to name something.
    assert.ok(places.includes('Choose at least one.'));
    assert.equal(places.filter((text) => text.startsWith('The Python of its workers')).length, 2);
  });

  it('says in its last step what speaks against a grid, and can be made all the same', async () => {
    const of = offers({ grids: { ukqcd: dirac } });
    const at = { 'Where shall': ['ukqcd'], 'At which sites': [['LCG.B.fr']] };
    const detail = () => screen.asked.at(-1)?.rows?.[0]?.detail;
    const wish = await wished(at, of, (grid) => `No site of ${grid} reaches it.`);
    assert.deepEqual([wish?.grid, detail()], ['ukqcd', '$(warning) No site of ukqcd reaches it.']);
    await wished({}, of, () => assert.fail('This computer is no grid.'));
    assert.match(detail() ?? '', /at north, south$/);
  });

  it('marks a banned site of a grid, which cannot be taken', async () => {
    const of = offers({ grids: { ukqcd: dirac } });
    const left = { 'Choose at least one': [undefined] };
    await wished({ 'Where shall': ['ukqcd'], 'At which sites': [['$(circle-slash) LCG.A.uk']], ...left }, of);
    const question = screen.asked.find(({ placeholder = '' }) => placeholder.startsWith('At which'));
    assert.deepEqual(question?.rows?.[0], {
      ...{ label: '$(circle-slash) LCG.A.uk', description: '' },
      detail: 'The grid ukqcd sends no jobs there now (Banned).',
    });
    assert.equal(screen.asked.at(-1)?.placeholder, 'Choose at least one.');
  });

  it('says in its question why a grid cannot be used now, and another can be taken', async () => {
    const sitesAt = async (): Promise<never> => {
      throw new SitespanError('grid-unreachable', 'It is away.');
    };
    const wish = await wished(
      { 'Where shall': ['ukqcd'], 'It is away': ['This computer'] },
      offers({ grids: { ukqcd: dirac }, sitesAt }),
    );
    assert.equal(wish?.grid, 'local');
  });

  it('ends where something has to be done before a grid can be used', async () => {
    const remedy = { command: 'sitespan.proxy.init', label: 'Initialise Proxy' };
    const sitesAt = async (): Promise<never> => {
      throw new SitespanError('proxy-missing', 'There is no proxy.', { remedy });
    };
    await assert.rejects(wished({ 'Where shall': ['ukqcd'] }, offers({ grids: { ukqcd: dirac }, sitesAt })), {
      code: 'proxy-missing',
    });
  });

  it('gives its pool the interpreter that was chosen', async () => {
    const python: EnvironmentSpec = { kind: 'python', python: '/opt/py/bin/python' };
    const of = offers({ askEnvironment: async () => ({ value: python }) });
    const wish = await wished({}, of);
    assert.ok(wish);
    const [pool] = planOfWish(wish, of).pools;
    assert.equal(pool?.spec.python, '/opt/py/bin/python');
    assert.equal(pool?.spec.environment, undefined);
  });
});
