import { environmentForms } from '../../environment/parseEnvironment.js';
import type { CommandHelp } from '../commandHelp.js';

export const environmentsHelp: CommandHelp = {
  summary: 'the Python environments of this computer, and which can be used',
  usage: '[ENVIRONMENT…] [--cluster NAME] [--json]',
  details: `Looks for interpreters, conda prefixes, views of CVMFS and containers, enters each and asks what it has.
With ENVIRONMENT only those: ${environmentForms}.`,
  words: ['path'],
  options: [
    {
      flag: '--cluster',
      value: 'NAME',
      help: 'say of each whether its workers could join this cluster',
      completes: 'cluster',
    },
    { flag: '--json', help: 'everything, as JSON' },
  ],
  examples: [
    { line: 'sitespan environments', does: 'list what there is on this computer' },
    { line: 'sitespan environments --cluster ttbar', does: 'find those whose workers fit the cluster ttbar' },
    { line: 'sitespan environments conda:~/miniforge3/envs/agc', does: 'look at one' },
  ],
  exits: { 1: 'failed, or one of those named cannot be used' },
};

export const doctorHelp: CommandHelp = {
  summary: 'look for what is wrong on this computer and with clusters, and say how to mend it',
  usage: '[CLUSTER] [--bundle FILE.tar.gz] [--json] [--environment ENVIRONMENT]',
  details: `Looks only: nothing is started, changed or ended. With CLUSTER only that one and what all need.
The bundle is for sending to others: logs, settings, journal and versions, without keys, tokens, passphrases, your name or your
home's path. Worker logs hold what your tasks print; look before you send it.`,
  words: ['cluster'],
  options: [
    { flag: '--bundle', value: 'FILE.tar.gz', help: 'also write what others need to help' },
    { flag: '--environment', value: 'ENVIRONMENT', help: 'the Python you mean to use (python3, else any that fits)' },
    { flag: '--json', help: 'the findings, as JSON' },
  ],
  examples: [
    { line: 'sitespan doctor', does: 'looks at everything' },
    { line: 'sitespan doctor ttbar --bundle ttbar.tar.gz', does: 'looks at one cluster, and packs what others need' },
  ],
  exits: { 0: 'nothing is wrong, or only what may be as it is', 1: 'something is wrong' },
};

export const benchHelp: CommandHelp = {
  summary: 'measure what the relay costs, that it loses nothing, and what counting costs',
  usage: 'transport | sequence | counters [OPTIONS]',
  details: '"sitespan bench transport --help" says more of that one; docs/benchmarks.md has what was measured.',
  words: [['transport', 'sequence', 'counters']],
  options: [],
  examples: [{ line: 'sitespan bench transport', does: 'relay against plain TCP, in turns' }],
};

export const demoHelp: CommandHelp = {
  summary: 'run the ttbar analysis on this computer, through the relay (npm start)',
  usage: '[--workers N] [--data FOLDER] [--runs FOLDER] [--python PATH]',
  details: `Runs the ttbar analysis of examples/agc-ttbar on workers at two sites of this computer,
reached through the relay only, and writes the results to runs/<time>/.`,
  words: [],
  options: [
    { flag: '--workers', value: 'N', help: 'workers in all (2)', completes: 'nothing' },
    { flag: '--data', value: 'FOLDER', help: 'NanoAOD files with their inputs.json; made if absent (data/agc-ttbar)' },
    { flag: '--runs', value: 'FOLDER', help: 'where results go (runs)' },
    { flag: '--python', value: 'PATH', help: 'interpreter of scheduler, workers and notebook (.venv/bin/python)' },
  ],
  examples: [{ line: 'npm start -- --workers 4', does: 'with four workers' }],
};

export const completionHelp: CommandHelp = {
  summary: 'what makes the shell complete commands, options and names',
  usage: 'bash | zsh',
  details: 'Names of clusters, pools, workers and kernels are completed too; no keeper is asked for them.',
  words: [['bash', 'zsh']],
  options: [],
  examples: [
    { line: 'source <(sitespan completion bash)', does: 'in ~/.bashrc: for every bash' },
    { line: 'source <(sitespan completion zsh)', does: 'in ~/.zshrc, after compinit: for every zsh' },
  ],
};

export const helpHelp: CommandHelp = {
  summary: 'all commands, or how one is asked for',
  usage: '[COMMAND]',
  words: ['command'],
  options: [],
  examples: [{ line: 'sitespan help up', does: 'the same as sitespan up --help' }],
};
