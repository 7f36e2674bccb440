import type { CommandHelp } from '../commandHelp.js';
import { relayOptions } from './relayOptions.js';

const yes = { flag: '--yes', short: '-y', help: 'do not ask' };
const json = { flag: '--json', help: 'everything, as JSON' };

export const upHelp: CommandHelp = {
  summary: 'make a cluster and ask for workers, or attach to the one of that name',
  usage: 'NAME [--workers N] [--site NAME=SLOTS]… | --grid GRID --site SITE… [--python PATH] [OPTIONS]',
  details: `Makes the cluster's folder, starts its relay, scheduler and keeper, and asks for workers in a pool "main"; says before
what they may take of their sites. A cluster goes on when the terminal goes; "sitespan down NAME" ends it.
Of a cluster that is there already only the number of workers is changed, and only where --workers is given.`,
  words: ['nothing'],
  options: [
    { flag: '--workers', short: '-n', value: 'N', help: 'how many to ask for (2)', completes: 'nothing' },
    {
      flag: '--site',
      value: 'NAME=SLOTS',
      many: true,
      help: 'a site of this computer, and how many cores its jobs may have at once (north and south share them all)',
      completes: 'nothing',
    },
    {
      flag: '--grid',
      value: 'GRID',
      help: 'workers at sites of a grid ("sitespan grid add"); --site is then the name of one, in any case of letters',
      completes: 'grid',
    },
    {
      flag: '--worker-environment',
      value: 'ENVIRONMENT',
      help: "with --grid: the workers' environment or interpreter, as the sites' nodes see it (python3)",
      completes: 'nothing',
    },
    { flag: '--python', value: 'PATH', help: 'interpreter of scheduler, workers and kernels (python3)' },
    {
      flag: '--environment',
      value: 'ENVIRONMENT',
      help: 'or an environment: conda:PREFIX, script:FILE, container:IMAGE ("sitespan environments" lists them)',
    },
    { flag: '--cores', value: 'N', help: 'of one worker (1)', completes: 'nothing' },
    { flag: '--memory', value: 'SIZE', help: 'of one worker, as 4GB (no limit)', completes: 'nothing' },
    { flag: '--walltime', value: 'TIME', help: 'of one worker, as 24h or 90min (24h)', completes: 'nothing' },
    ...relayOptions,
    { ...yes, help: 'do not ask, also for more workers than a cluster has without a second word' },
  ],
  examples: [
    { line: 'sitespan up ttbar', does: 'a cluster with two workers, with the python3 of this terminal' },
    {
      line: 'sitespan up ttbar --workers 8 --python .venv/bin/python',
      does: 'eight workers, with the interpreter of a virtual environment',
    },
    {
      line: 'sitespan up agc --site north=8 --site south=4 -n 12 --memory 2GB --walltime 8h',
      does: 'twelve workers over two sites, of 2 GB and at most eight hours each',
    },
    {
      line: 'sitespan up agc --grid gridpp --site LCG.UKI-LT2-Brunel.uk --site LCG.UKI-SOUTHGRID-RALPP.uk -n 20 --cores 4',
      does: 'twenty workers of four cores as jobs of a grid, spread over two of its sites',
    },
  ],
};

export const downHelp: CommandHelp = {
  summary: 'end a cluster and all of it',
  usage: 'NAME',
  details: `Ends its workers, kernels, scheduler, relay and keeper, and removes its secrets; its logs stay until the name is used
again. Results that only lie in the workers' memory are gone.`,
  words: ['cluster'],
  options: [],
  examples: [{ line: 'sitespan down ttbar', does: 'ends the cluster ttbar' }],
  exits: { 130: 'Ctrl-C: it is no longer waited for, and goes on ending' },
};

export const listHelp: CommandHelp = {
  summary: 'the clusters of this computer',
  usage: '[--json]',
  details: `Those of yours on this computer, with how many workers they have of those wished for. One that is damaged is listed
with what is wrong with it. A keeper that is dead is started again.`,
  words: [],
  options: [json],
  examples: [
    { line: 'sitespan list', does: 'a line a cluster' },
    { line: "sitespan list --json | jq -r '.[].name'", does: 'their names' },
  ],
};

export const statusHelp: CommandHelp = {
  summary: 'one cluster as it is now: its pools, sites, kernels, rates, and what hinders it',
  usage: '[NAME] [--watch] [--json]',
  details: 'Without NAME the only cluster there is.',
  words: ['cluster'],
  options: [
    { flag: '--watch', short: '-w', help: 'go on showing it until Ctrl-C; once where the output is no terminal' },
    json,
  ],
  examples: [
    { line: 'sitespan status ttbar', does: 'shows it once' },
    { line: 'sitespan status --watch', does: 'shows the only cluster as it goes on' },
    { line: 'sitespan status ttbar --json | jq .total.events', does: 'how many events have been processed' },
  ],
};

export const scaleHelp: CommandHelp = {
  summary: 'change how many workers a pool has',
  usage: 'CLUSTER POOL N [--yes]',
  details: `Says before what the additional ones may take of their sites. More than a cluster has without a second word (50 in all)
is asked about on a terminal, and needs --yes elsewhere. Those that go are taken where they do not work yet, then where they run no
task; what they hold moves to others first. An adaptive pool becomes one of a fixed size.`,
  words: ['cluster', 'pool', 'nothing'],
  options: [yes],
  examples: [
    { line: 'sitespan scale ttbar main 24', does: 'the pool main is to have 24 workers' },
    { line: 'sitespan scale ttbar main 0', does: 'all of them are let go; the cluster stays' },
  ],
  exits: { 1: 'failed, or thought better of it' },
};

export const adaptHelp: CommandHelp = {
  summary: 'let a pool follow the scheduler, between two numbers of workers',
  usage: 'CLUSTER POOL MIN MAX [--yes]',
  details: `More at once when there is work for them; fewer after a while in which the scheduler had use for fewer.
"sitespan scale" makes it one of a fixed size again.`,
  words: ['cluster', 'pool', 'nothing', 'nothing'],
  options: [yes],
  examples: [{ line: 'sitespan adapt ttbar main 2 40', does: 'from two workers to forty, as there is work' }],
  exits: { 1: 'failed, or thought better of it' },
};

export const stopEverythingHelp: CommandHelp = {
  summary: 'end all clusters of this computer, at once',
  usage: '[--yes]',
  details: `Ends every cluster of yours on this computer: workers, kernels, schedulers, relays, keepers. A keeper that is dead is
started to close its cluster; where that is impossible, whatever it had started here is ended without it. Those of other computers
that share your home are left alone.`,
  words: [],
  options: [yes],
  examples: [{ line: 'sitespan stop-everything --yes', does: 'ends them all without asking' }],
  exits: { 1: 'something may still run, or thought better of it' },
};
