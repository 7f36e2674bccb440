import type { CommandHelp } from '../commandHelp.js';

export const probeHelp: CommandHelp = {
  summary: "whether a cluster's workers could run at its sites, and what to do where not",
  usage: 'CLUSTER [SITE…] [--json]',
  details: `Sends one short job to each site (all of the cluster's, or those named), which enters the environment that workers
would have there, compares it with the cluster's, looks at the node, and dials the relay. The last verdict of a site is kept with its
time: it is shown with the site, and said before workers are asked of it. A job that still waits after a minute is not given up;
probe again for its verdict.`,
  words: ['cluster', 'site'],
  options: [{ flag: '--json', help: 'grid, site and verdict of each, as JSON' }],
  examples: [
    { line: 'sitespan probe ttbar', does: 'a verdict for each site of the cluster ttbar' },
    { line: 'sitespan probe ttbar north south', does: 'for two of them' },
  ],
  exits: { 1: 'failed, or workers could not run at one of them' },
};
