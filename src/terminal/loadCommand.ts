import type { CommandName } from './commands.js';

/** What a command does. @returns its exit code */
export type RunCommand = (argv: readonly string[]) => Promise<number> | number;

/** Each command's code, loaded only when it is given: what lists clusters need not wait for what runs notebooks. */
export const loadCommand: Readonly<Record<CommandName, () => Promise<RunCommand>>> = {
  up: async () => (await import('./up.js')).runUp,
  down: async () => (await import('./down.js')).runDown,
  list: async () => (await import('./list.js')).runList,
  status: async () => (await import('./status.js')).runStatus,
  scale: async () => (await import('./scale.js')).runScale,
  adapt: async () => (await import('./scale.js')).runAdapt,
  run: async () => (await import('./run.js')).runRun,
  attach: async () => (await import('./attach.js')).runAttach,
  logs: async () => (await import('./workerCommands.js')).runLogs,
  why: async () => (await import('./workerCommands.js')).runWhy,
  kill: async () => (await import('./workerCommands.js')).runKill,
  probe: async () => (await import('./probe.js')).runProbe,
  'stop-everything': async () => (await import('./stopAll.js')).runStopEverything,
  grid: async () => (await import('./grid.js')).runGrid,
  sites: async () => (await import('./sites.js')).runSites,
  doctor: async () => (await import('./doctor.js')).runDoctor,
  environments: async () => (await import('./environments.js')).runEnvironments,
  proxy: async () => (await import('./proxy.js')).runProxy,
  relay: async () => (await import('./relay.js')).runRelayCommand,
  bench: async () => (await import('../bench/main.js')).runBench,
  demo: async () => (await import('./demo.js')).runDemo,
  completion: async () => (await import('./completion.js')).runCompletion,
  help: async () => (await import('./helpCommand.js')).runHelp,
};
