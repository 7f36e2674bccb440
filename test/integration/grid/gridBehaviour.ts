import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, processMark } from '../../../src/base/child/processMark.js';
import { until } from '../../../src/base/waiting.js';
import { type Grid, isFinal, type JobId, type JobIntent, type JobState } from '../../../src/grid/grid.js';

/** A real grid of one kind, for one test. */
export interface GridRig {
  readonly grid: Grid;
  /** A site with at least one slot, and another. */
  readonly site: string;
  readonly otherSite: string;
  /** What a keeper has after it was started again: another object for the same grid. */
  reopened(): Grid;
  /** A folder that both this test and the jobs can see. */
  readonly shared: string;
  /** How long this grid may take for any one step. */
  readonly patienceMs: number;
  /** Whether the output of a running job can be read. */
  readonly showsRunningOutput: boolean;
  dispose(): Promise<void>;
}

/** What the keeper relies on, of every grid. */
export function gridBehaviour(name: string, make: () => Promise<GridRig>): void {
  describe(`${name} as a grid`, () => {
    let rig: GridRig;
    let marks = 0;

    beforeEach(async () => {
      rig = await make();
    });
    afterEach(() => rig.dispose());

    /** One core at the rig's site, running `script` with `$SHARED` in its environment. */
    const intent = async (script: string, changes: Partial<JobIntent> = {}): Promise<JobIntent> => {
      const mark = `behaviour-${process.pid}-${marks++}`;
      return {
        ...{ mark, sites: [rig.site], count: 1, cores: 1, memoryMb: 0, walltimeSeconds: 600, executable: 'start.sh' },
        sandbox: await sandboxOf(rig.shared, mark, script),
        environment: { SHARED: rig.shared },
        ...changes,
      };
    };

    const stateOf = async (job: JobId, grid = rig.grid): Promise<JobState> => {
      const [state] = await grid.watch([job]);
      assert.ok(state);
      return state;
    };

    const reaches = async (job: JobId, wanted: (state: JobState) => boolean, grid = rig.grid): Promise<JobState> => {
      let state = await stateOf(job, grid);
      await until(
        async () => {
          state = await stateOf(job, grid);
          return wanted(state);
        },
        { timeoutMs: rig.patienceMs, what: `The state of job ${job} that is waited for` },
      );
      return state;
    };

    const ends = (job: JobId, grid = rig.grid): Promise<JobState> =>
      reaches(job, (state) => isFinal(state.phase), grid);

    const one = async (job: JobIntent): Promise<JobId> => {
      const [id] = await rig.grid.submit(job);
      assert.ok(id);
      return id;
    };

    const written = async (file: string): Promise<string> => {
      const path = join(rig.shared, file);
      const read = (): Promise<string> => readFile(path, 'utf8').catch(() => '');
      await until(async () => (await read()).endsWith('\n'), {
        timeoutMs: rig.patienceMs,
        what: `The job's file ${path}`,
      });
      return (await read()).trim();
    };

    it('names its sites', async () => {
      const names = (await rig.grid.sites()).map((site) => site.name);
      assert.ok(names.includes(rig.site) && names.includes(rig.otherSite));
    });

    it('says who we are', async () => {
      assert.notEqual((await rig.grid.identity()).name, '');
    });

    it('runs as many jobs as were asked for, each once, each with an id of its own', async () => {
      const jobs = await rig.grid.submit(await intent('echo ran >> "$SHARED/ran-$SITESPAN_JOB$JOBID"', { count: 3 }));
      assert.equal(new Set(jobs).size, 3);
      for (const job of jobs) assert.equal((await ends(job)).phase, 'done');
      for (const job of jobs) assert.equal(await written(`ran-${job}`), 'ran');
    });

    it('shows a job running at its site, then done, in its own words too', async () => {
      const job = await one(await intent('until [ -e "$SHARED/go" ]; do sleep 0.05; done'));
      const running = await reaches(job, (state) => state.phase === 'running');
      assert.equal(running.site, rig.site);
      assert.notEqual(running.gridWords, '');
      await writeFile(join(rig.shared, 'go'), '');
      const done = await ends(job);
      assert.equal(done.phase, 'done');
      assert.equal(done.site, rig.site);
      assert.ok(done.atMs >= running.atMs);
    });

    it('answers for many jobs in the order of the question, also for one that it does not know', async () => {
      const [first, second] = await rig.grid.submit(await intent('exit 0', { count: 2 }));
      assert.ok(first && second);
      const states = await rig.grid.watch([second, '999999', first]);
      assert.deepEqual(
        states.map((state) => state.id),
        [second, '999999', first],
      );
      assert.equal(states[1]?.phase, 'unknown');
    });

    it('tells a job that failed from one that is done', async () => {
      const failed = await ends(await one(await intent('exit 7')));
      assert.equal(failed.phase, 'failed');
      if (failed.exitCode !== undefined) assert.equal(failed.exitCode, 7);
    });

    it('gives the output after the end, standard error too', async () => {
      const job = await one(await intent('echo to output; echo to error >&2'));
      await ends(job);
      const output = await rig.grid.output(job);
      assert.match(output.text, /to output\n/);
      assert.match(output.text, /to error\n/);
      assert.equal(output.final, true);
    });

    it('answers when asked for the output of a running job', async () => {
      const job = await one(await intent('echo so far; until [ -e "$SHARED/go" ]; do sleep 0.05; done'));
      await reaches(job, (state) => state.phase === 'running');
      if (rig.showsRunningOutput) {
        await until(async () => (await rig.grid.output(job)).text.includes('so far\n'), {
          timeoutMs: rig.patienceMs,
          what: 'The output of the running job',
        });
      }
      assert.equal((await rig.grid.output(job)).final, false);
      await writeFile(join(rig.shared, 'go'), '');
      await ends(job);
    });

    it('refuses to give the output of a job that does not exist', async () => {
      await assert.rejects(rig.grid.output('999999'), { code: 'job-unknown' });
    });

    it('gives each job the sandbox and what was put into its environment', async () => {
      const odd = 'a "b" \'c\' $(exit 3) `exit 4` \\ ; é';
      const job = await one(
        await intent('cat beside.txt; printf "[%s]\\n" "$ODD"', { environment: { SHARED: rig.shared, ODD: odd } }),
      );
      assert.equal((await ends(job)).phase, 'done');
      const { text } = await rig.grid.output(job);
      assert.ok(text.includes('beside it\n') && text.includes(`[${odd}]\n`), text);
    });

    it('kills a job and what it has started', async () => {
      const job = await one(await intent('sleep 600 & echo $! > "$SHARED/grandchild"; wait'));
      const pid = Number(await written('grandchild'));
      const grandchild = await processMark(pid);
      assert.ok(grandchild);
      await rig.grid.kill([job]);
      assert.equal((await ends(job)).phase, 'killed');
      await until(async () => !(await isAlive(grandchild)), {
        timeoutMs: rig.patienceMs,
        what: "The end of the killed job's child",
      });
    });

    it('kills only what it was told to', async () => {
      const [doomed] = await rig.grid.submit(await intent('sleep 600', { sites: [rig.otherSite] }));
      const spared = await one(await intent('until [ -e "$SHARED/go" ]; do sleep 0.05; done'));
      assert.ok(doomed);
      await reaches(spared, (state) => state.phase === 'running');
      await rig.grid.kill([doomed]);
      assert.equal((await ends(doomed)).phase, 'killed');
      await writeFile(join(rig.shared, 'go'), '');
      assert.equal((await ends(spared)).phase, 'done');
    });

    it('does not mind killing what has ended or never was', async () => {
      const job = await one(await intent('exit 0'));
      await ends(job);
      await rig.grid.kill([job, '999999']);
      assert.equal((await stateOf(job)).phase, 'done');
    });

    it('finds the jobs of a mark, and no others', async () => {
      const mine = await intent('exit 0', { count: 2 });
      const jobs = await rig.grid.submit(mine);
      const others = await rig.grid.submit(await intent('exit 0'));
      assert.deepEqual(await rig.grid.find(mine.mark), jobs);
      assert.deepEqual(await rig.grid.find(`${mine.mark}-never`), []);
      for (const job of [...jobs, ...others]) await ends(job);
      assert.deepEqual(await rig.grid.find(mine.mark), jobs);
    });

    it('knows after a restart of the keeper what was submitted before, and can kill it', async () => {
      const mine = await intent('until [ -e "$SHARED/go" ]; do sleep 0.05; done; echo after; exit 3');
      const surviving = await one(mine);
      await reaches(surviving, (state) => state.phase === 'running');
      const next = rig.reopened();
      assert.deepEqual(await next.find(mine.mark), [surviving]);
      assert.equal((await stateOf(surviving, next)).phase, 'running');
      await writeFile(join(rig.shared, 'go'), '');
      assert.equal((await ends(surviving, next)).phase, 'failed');
      assert.match((await next.output(surviving)).text, /after\n/);

      const [doomed] = await next.submit(await intent('sleep 600'));
      assert.ok(doomed);
      assert.notEqual(doomed, surviving);
      const third = rig.reopened();
      await third.kill([doomed]);
      assert.equal((await ends(doomed, third)).phase, 'killed');
    });

    it('refuses a site that it does not have', async () => {
      await assert.rejects(rig.grid.submit(await intent('exit 0', { sites: ['nowhere'] })), {
        code: 'site-unknown',
        message: /nowhere/,
      });
    });

    for (const [what, change] of [
      ['a mark that is too long', { mark: 'm'.repeat(33) }],
      ['a mark that would be a path', { mark: '../mark' }],
      ['no jobs', { count: 0 }],
      ['half a core', { cores: 0.5 }],
      ['no walltime', { walltimeSeconds: 0 }],
      ['an executable outside of the sandbox', { executable: '../start.sh' }],
      ['a variable whose name is shell', { environment: { 'A;exit 1': 'x' } }],
    ] as const) {
      it(`refuses an intent with ${what}`, async () => {
        await assert.rejects(rig.grid.submit(await intent('exit 0', change)), { code: 'intent-invalid' });
      });
    }
  });
}

/** A sandbox whose `start.sh` is the script, with a file beside it; named as nobody would who had not been hurt before. */
async function sandboxOf(shared: string, mark: string, script: string): Promise<string> {
  const folder = join(shared, `sand box '${mark}' $(touch hurt)`);
  await mkdir(folder);
  await writeFile(join(folder, 'start.sh'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'start.sh'), 0o755);
  await writeFile(join(folder, 'beside.txt'), 'beside it\n');
  return folder;
}
