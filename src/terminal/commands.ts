import type { CommandHelp } from './commandHelp.js';
import {
  adaptHelp,
  downHelp,
  listHelp,
  scaleHelp,
  statusHelp,
  stopEverythingHelp,
  upHelp,
} from './help/clusterHelp.js';
import { gridHelp, sitesHelp } from './help/gridHelp.js';
import { attachHelp, runHelp } from './help/notebookHelp.js';
import { proxyHelp } from './help/proxyHelp.js';
import { relayHelp } from './help/relayHelp.js';
import { probeHelp } from './help/siteHelp.js';
import { benchHelp, completionHelp, demoHelp, doctorHelp, environmentsHelp, helpHelp } from './help/toolHelp.js';
import { killHelp, logsHelp, whyHelp } from './help/workerHelp.js';

/**
 * Every command that a person may give, in the order of the help. From here come `sitespan help`, `sitespan COMMAND --help`,
 * what the shell completes, and docs/cli.md.
 */
export const commands = {
  up: upHelp,
  down: downHelp,
  list: listHelp,
  status: statusHelp,
  scale: scaleHelp,
  adapt: adaptHelp,
  run: runHelp,
  attach: attachHelp,
  logs: logsHelp,
  why: whyHelp,
  kill: killHelp,
  probe: probeHelp,
  'stop-everything': stopEverythingHelp,
  grid: gridHelp,
  sites: sitesHelp,
  doctor: doctorHelp,
  environments: environmentsHelp,
  proxy: proxyHelp,
  relay: relayHelp,
  bench: benchHelp,
  demo: demoHelp,
  completion: completionHelp,
  help: helpHelp,
} as const satisfies Readonly<Record<string, CommandHelp>>;

export type CommandName = keyof typeof commands;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
