import { type CommandId, commands } from '../../ids.js';
import type { Window } from '../window.js';

/**
 * What a command does; `argument` is the row or document it was called on, undefined from the palette. It asks for what it
 * was not given, does nothing when cancelled, and lets errors through.
 */
export type Handler = (window: Window, argument: unknown, signal: AbortSignal) => Promise<void>;

export interface Entry {
  /** Loaded when it is first called. */
  readonly load: () => Promise<Handler>;
  /** Said while it works, for one that asks nothing and may take over a second; it can then be cancelled. */
  readonly progress?: string;
  /** What must be so before it does anything: `trust` for what starts programs, `nothing` for what only shows our own pages. */
  readonly needs?: 'trust' | 'nothing';
}

/** Every command's handler; a file a command. */
export const handlers: Readonly<Record<CommandId, Entry>> = {
  [commands.newCluster]: { load: async () => (await import('./newCluster.js')).newCluster, needs: 'trust' },
  [commands.closeCluster]: { load: async () => (await import('./closeCluster.js')).closeCluster },
  [commands.startAgain]: { load: async () => (await import('./startAgain.js')).startAgain, needs: 'trust' },
  [commands.stopEverything]: { load: async () => (await import('./stopEverything.js')).stopEverything },
  [commands.setRelay]: { load: async () => (await import('./setRelay.js')).setRelay },
  [commands.deployRelay]: { load: async () => (await import('./deployRelay.js')).deployRelay, needs: 'trust' },
  [commands.chooseEnvironment]: {
    load: async () => (await import('./chooseEnvironment.js')).chooseEnvironment,
    needs: 'trust',
  },
  [commands.scaleWorkers]: { load: async () => (await import('./scaleWorkers.js')).scaleWorkers },
  [commands.scaleAtSite]: { load: async () => (await import('./scaleAtSite.js')).scaleAtSite },
  [commands.setAdaptive]: { load: async () => (await import('./setAdaptive.js')).setAdaptive },
  [commands.restartWorkers]: { load: async () => (await import('./restartWorkers.js')).restartWorkers },
  [commands.drainWorker]: { load: async () => (await import('./drainWorker.js')).drainWorker },
  [commands.killWorker]: { load: async () => (await import('./killWorker.js')).killWorker },
  [commands.showWorkerLog]: { load: async () => (await import('./showWorkerLog.js')).showWorkerLog },
  [commands.whyWorker]: { load: async () => (await import('./whyWorker.js')).whyWorker },
  [commands.probeSite]: { load: async () => (await import('./probeSite.js')).probeSite },
  [commands.initProxy]: { load: async () => (await import('./initProxy.js')).initProxy },
  [commands.proxyInfo]: { load: async () => (await import('./proxyInfo.js')).proxyInfo },
  [commands.renewProxy]: { load: async () => (await import('./renewProxy.js')).renewProxy },
  [commands.destroyProxy]: { load: async () => (await import('./destroyProxy.js')).destroyProxy },
  [commands.addGrid]: { load: async () => (await import('./addGrid.js')).addGrid },
  [commands.removeGrid]: { load: async () => (await import('./removeGrid.js')).removeGrid },
  [commands.checkGrid]: { load: async () => (await import('./checkGrid.js')).checkGrid },
  [commands.attachScheduler]: { load: async () => (await import('./attachScheduler.js')).attachScheduler },
  [commands.copySchedulerAddress]: {
    load: async () => (await import('./copySchedulerAddress.js')).copySchedulerAddress,
  },
  [commands.openDashboard]: { load: async () => (await import('./openDashboard.js')).openDashboard },
  [commands.runNotebook]: { load: async () => (await import('./runNotebook.js')).runNotebook, needs: 'trust' },
  [commands.restartKernel]: { load: async () => (await import('./restartKernel.js')).restartKernel },
  [commands.restartAndRunAll]: {
    load: async () => (await import('./restartAndRunAll.js')).restartAndRunAll,
    needs: 'trust',
  },
  [commands.interruptKernel]: { load: async () => (await import('./interruptKernel.js')).interruptKernel },
  [commands.shutdownKernel]: { load: async () => (await import('./shutdownKernel.js')).shutdownKernel },
  [commands.runFile]: { load: async () => (await import('./runFile.js')).runFile, needs: 'trust' },
  [commands.doctor]: { load: async () => (await import('./doctor.js')).doctor },
  [commands.openExample]: { load: async () => (await import('./openExample.js')).openExample, needs: 'trust' },
  [commands.openWalkthrough]: {
    load: async () => (await import('./openWalkthrough.js')).openWalkthrough,
    needs: 'nothing',
  },
  [commands.showLog]: { load: async () => (await import('./showLog.js')).showLog, needs: 'nothing' },
  [commands.refresh]: { load: async () => (await import('./refresh.js')).refresh },
  [commands.showThroughput]: { load: async () => (await import('./showThroughput.js')).showThroughput },
  [commands.openRun]: { load: async () => (await import('./openRun.js')).openRun },
  [commands.exportRun]: { load: async () => (await import('./exportRun.js')).exportRun },
};
