import type { CommandHelp } from '../commandHelp.js';

export const runHelp: CommandHelp = {
  summary: 'run a notebook or a Python file on a cluster',
  usage:
    'FILE [--cluster NAME] [-p NAME=VALUE]… [--output FILE] [--kernel k1] [--detach] [--keep] [--coffea-casa] [-- ARGUMENTS]',
  details: `The cells are queued in a kernel of the cluster, beside the notebook; what they show appears here as it comes.
The executed notebook is written as it goes. Nothing is lost if the terminal goes: the kernel works on, and
"sitespan attach" shows it again.

Ctrl-C interrupts the running cell and gives up the rest; a second Ctrl-C only stops looking.`,
  words: ['path'],
  options: [
    {
      flag: '--cluster',
      short: '-c',
      value: 'NAME',
      help: 'the cluster to run on; the only one there is, unless told otherwise',
      completes: 'cluster',
    },
    {
      flag: '--parameter',
      short: '-p',
      value: 'NAME=VALUE',
      many: true,
      help: 'a parameter: JSON, or else a string; for the cell tagged "parameters"',
      completes: 'nothing',
    },
    { flag: '--output', short: '-o', value: 'FILE', help: 'the executed notebook (FILE-executed.ipynb, beside)' },
    {
      flag: '--kernel',
      value: 'KERNEL',
      help: 'run in a kernel that is there, such as k1; new unless told otherwise',
      completes: 'nothing',
    },
    { flag: '--detach', help: 'do not wait: queue it, and say how to look again' },
    { flag: '--keep', help: 'leave the kernel running when the cells are done' },
    {
      flag: '--coffea-casa',
      help: 'tls://localhost:8786, as notebooks for coffea-casa have it, is the cluster in the new kernel',
    },
  ],
  examples: [
    { line: 'sitespan run ttbar.ipynb', does: 'runs it on the only cluster, and shows it live' },
    { line: 'sitespan run ttbar.ipynb -p events=1000 -p region=4j1b', does: 'with other values of its parameters' },
    { line: 'sitespan run ttbar.ipynb --cluster agc --detach', does: 'queues it and returns' },
    { line: 'sitespan run fit.py -- --bins 40', does: 'runs a Python file with arguments of its own' },
  ],
  exits: { 0: 'all cells done', 1: 'a cell failed' },
};

export const attachHelp: CommandHelp = {
  summary: 'show what a kernel of a cluster does, and answer what its cells ask',
  usage: '[CLUSTER | CLUSTER/KERNEL] [--tail] [--interrupt] [--shutdown]',
  details: `Shows the kernel's whole record and follows it until nothing is queued any more; any number may look at once.
Ctrl-C only stops looking.`,
  words: ['kernel'],
  options: [
    { flag: '--tail', help: 'show only what comes from now on' },
    { flag: '--interrupt', help: 'interrupt the running cell and give up the queue' },
    { flag: '--shutdown', help: 'end the kernel when nothing is queued any more; at once with --interrupt' },
  ],
  examples: [
    { line: 'sitespan attach', does: 'shows the only kernel that runs' },
    { line: 'sitespan attach ttbar/k1 --tail', does: 'shows what comes from now on' },
    { line: 'sitespan attach ttbar/k1 --interrupt --shutdown', does: 'ends it now' },
  ],
  exits: { 0: 'what was asked for last is done', 1: 'it failed' },
};
