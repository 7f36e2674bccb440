import type { CommandHelp } from '../commandHelp.js';

export const logsHelp: CommandHelp = {
  summary: 'what a worker has written, also while it runs',
  usage: 'CLUSTER WORKER [--follow]',
  details: 'Some grids give nothing before a job has ended. Of a long log, the end.',
  words: ['cluster', 'worker'],
  options: [{ flag: '--follow', short: '-f', help: 'go on until the worker has ended, or until Ctrl-C' }],
  examples: [
    { line: 'sitespan logs ttbar main-3', does: 'what it has written so far' },
    { line: 'sitespan logs ttbar main-3 -f', does: 'and what it goes on to write' },
  ],
};

export const whyHelp: CommandHelp = {
  summary: 'why a worker is not here: its life, the evidence, and what can be done',
  usage: 'CLUSTER WORKER [--json]',
  details: "Each phase with its time and what showed it, in the grid's own words; also of workers that have ended.",
  words: ['cluster', 'worker'],
  options: [{ flag: '--json', help: 'the life, as JSON' }],
  examples: [{ line: 'sitespan why ttbar main-3', does: 'tells what has become of it' }],
};

export const killHelp: CommandHelp = {
  summary: "end workers' jobs at once; their pool asks for others",
  usage: 'CLUSTER WORKER…',
  details: 'Nothing is moved away before: what they alone hold is computed again. To have fewer, use "sitespan scale".',
  words: ['cluster', 'worker'],
  options: [],
  examples: [{ line: 'sitespan kill ttbar main-3 main-7', does: 'ends two that hang' }],
  exits: { 1: 'one of them could not be ended' },
};
