/** Every command, view, context key and setting, once; `test/unit/ids.test.ts` proves that package.json agrees. */

export const commands = {
  newCluster: 'sitespan.cluster.new',
  closeCluster: 'sitespan.cluster.close',
  startAgain: 'sitespan.cluster.startAgain',
  stopEverything: 'sitespan.stopEverything',
  setRelay: 'sitespan.relay.set',
  deployRelay: 'sitespan.relay.deploy',
  chooseEnvironment: 'sitespan.environment.choose',
  scaleWorkers: 'sitespan.workers.scale',
  scaleAtSite: 'sitespan.workers.scaleAtSite',
  setAdaptive: 'sitespan.workers.adapt',
  restartWorkers: 'sitespan.workers.restart',
  drainWorker: 'sitespan.worker.drain',
  killWorker: 'sitespan.worker.kill',
  showWorkerLog: 'sitespan.worker.log',
  whyWorker: 'sitespan.worker.why',
  probeSite: 'sitespan.site.probe',
  initProxy: 'sitespan.proxy.init',
  proxyInfo: 'sitespan.proxy.info',
  renewProxy: 'sitespan.proxy.renew',
  destroyProxy: 'sitespan.proxy.destroy',
  addGrid: 'sitespan.grid.add',
  removeGrid: 'sitespan.grid.remove',
  checkGrid: 'sitespan.grid.check',
  attachScheduler: 'sitespan.scheduler.attach',
  copySchedulerAddress: 'sitespan.scheduler.copyAddress',
  openDashboard: 'sitespan.dashboard.open',
  showThroughput: 'sitespan.throughput.show',
  openRun: 'sitespan.run.open',
  exportRun: 'sitespan.run.export',
  runNotebook: 'sitespan.notebook.run',
  runFile: 'sitespan.file.run',
  restartKernel: 'sitespan.kernel.restart',
  restartAndRunAll: 'sitespan.kernel.restartAndRunAll',
  interruptKernel: 'sitespan.kernel.interrupt',
  shutdownKernel: 'sitespan.kernel.shutdown',
  doctor: 'sitespan.doctor',
  showLog: 'sitespan.log.show',
  openWalkthrough: 'sitespan.walkthrough.open',
  openExample: 'sitespan.example.open',
  refresh: 'sitespan.refresh',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

export const viewContainer = 'sitespan';
export const views = { clusters: 'sitespan.clusters', sites: 'sitespan.sites' } as const;

export const walkthrough = 'sitespan.start';
/** From certificate to notebook. */
export const gridWalkthrough = 'sitespan.grid';

export const contextKeys = {
  /** There is a cluster of this user on this computer. */
  hasClusters: 'sitespan.hasClusters',
  /** A grid was added on this computer. */
  hasGrids: 'sitespan.hasGrids',
  /** Environments were looked for, and none can run a cluster. */
  noEnvironment: 'sitespan.noEnvironment',
  /** This computer cannot keep clusters (Windows). */
  unsupported: 'sitespan.unsupported',
  /** The notebook that is shown runs on a cluster. */
  notebookOnCluster: 'sitespan.notebookOnCluster',
} as const;

export const settings = {
  /** The environment of new clusters: a path to an interpreter. */
  environment: 'sitespan.environment',
  /** The sites of this computer: name → slots. */
  localSites: 'sitespan.localSites',
  /** host:port of a relay that others run; empty: each cluster has its own. */
  relay: 'sitespan.relay',
  idleMinutes: 'sitespan.idleMinutes',
  workersUnconfirmed: 'sitespan.workersUnconfirmed',
} as const;

/** Secrets are kept in VS Code's secret storage under these names. */
export const secrets = { relayKey: 'sitespan.relayKey' } as const;

export const panels = { throughput: 'sitespan.throughput' } as const;

/** Of documents that are made as they are read, and follow what they show. */
export const schemes = {
  ...{ workerLog: 'sitespan-log', life: 'sitespan-life', report: 'sitespan-report' },
  ...{ grid: 'sitespan-grid', probes: 'sitespan-probes', proxy: 'sitespan-proxy' },
} as const;

/** The notebook type that VS Code gives `.ipynb` files. */
export const notebookType = 'jupyter-notebook';
