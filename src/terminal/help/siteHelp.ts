import type { CommandHelp } from '../commandHelp.js';
import { relayOptions } from './relayOptions.js';

export const probeHelp: CommandHelp = {
  summary: 'whether workers could run at the sites of a cluster or of a grid, and what to do where not',
  usage: 'CLUSTER [SITE…] [--json] | --grid GRID [SITE…] [OPTIONS]',
  details: `Sends one short job to each site (all of the cluster's, or those named), which enters the environment that workers
would have there, compares it with the cluster's, looks at the node, and dials the relay. The last verdict of a site is kept with its
time: it is shown with the site, and said before workers are asked of it. A job that still waits after a minute is not given up;
probe again for its verdict.
Of a grid ("sitespan grid add") sites can be probed before there is a cluster: a small one without workers, "probe-GRID", is made for
it with what the options say, waits until each job has run (ten minutes at most), and is ended again, also by Ctrl-C.`,
  words: ['cluster', 'site'],
  options: [
    { flag: '--json', help: 'grid, site and verdict of each, as JSON' },
    { flag: '--grid', value: 'GRID', help: 'sites of a grid, for which no cluster is needed', completes: 'grid' },
    {
      flag: '--worker-environment',
      value: 'ENVIRONMENT',
      help: "with --grid: the workers' environment or interpreter, as the sites' nodes see it (python3)",
      completes: 'nothing',
    },
    { flag: '--python', value: 'PATH', help: 'with --grid: interpreter of a cluster to come (python3)' },
    {
      flag: '--environment',
      value: 'ENVIRONMENT',
      help: 'or its environment: conda:PREFIX, script:FILE, container:IMAGE ("sitespan environments" lists them)',
    },
    ...relayOptions,
  ],
  examples: [
    { line: 'sitespan probe ttbar', does: 'a verdict for each site of the cluster ttbar' },
    { line: 'sitespan probe ttbar north south', does: 'for two of them' },
    {
      line: 'sitespan probe --grid gridpp LCG.UKI-LT2-Brunel.uk',
      does: 'a verdict for a site of the grid gridpp, before there is a cluster',
    },
  ],
  exits: { 1: 'failed, or workers could not run at one of them' },
};
