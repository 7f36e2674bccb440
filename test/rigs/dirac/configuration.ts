import type { Person } from './pki.js';
import type { Section } from './section.js';

/** Where the parts of a rig listen. */
export interface RigPorts {
  readonly https: number;
  readonly cs: number;
  readonly database: number;
  readonly matcher: number;
  readonly pilots: number;
  readonly mind: number;
}

export interface RigFacts {
  readonly folder: string;
  /** Where its nodes and clients find its services: a name or an address of this computer. */
  readonly host: string;
  readonly ports: RigPorts;
  readonly password: string;
  readonly hostCertificate: string;
  readonly hostKey: string;
  readonly gridSecurity: string;
  readonly subjects: Readonly<Record<Exclude<Person, 'mallory'> | 'host' | 'ca', string>>;
  readonly sites: readonly string[];
}

export const setup = 'Test';
export const vo = 'gridpp';

const systems = [
  ...['Accounting', 'Configuration', 'DataManagement', 'Framework', 'RequestManagement', 'ResourceStatus'],
  ...['StorageManagement', 'Tornado', 'WorkloadManagement'],
];
export const databases = {
  WorkloadManagement: ['JobDB', 'JobLoggingDB', 'TaskQueueDB', 'PilotAgentsDB', 'SandboxMetadataDB'],
  Framework: ['ProxyDB'],
} as const;

const each = <T>(names: readonly string[], value: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, value(name)]));

/** What every process of the rig reads: where the configuration service is, certificates, the database's password. */
export function localConfiguration(facts: RigFacts): Section {
  const { host, ports, password, hostCertificate, hostKey, gridSecurity } = facts;
  return {
    DIRAC: {
      Setup: setup,
      Hostname: 'localhost',
      Configuration: { Servers: `https://${host}:${ports.cs}/Configuration/Server` },
      Security: { CertFile: hostCertificate, KeyFile: hostKey, 'Grid-Security': gridSecurity },
    },
    Systems: { Databases: { User: 'dirac', Password: password, Host: '127.0.0.1', Port: ports.database } },
  };
}

/** What the one master of the configuration reads besides: it cannot ask itself. */
export function masterConfiguration({ ports }: RigFacts): Section {
  const handler = 'DIRAC/ConfigurationSystem/Service/TornadoConfigurationHandler.py';
  const server = { HandlerPath: handler, Protocol: 'https', Port: ports.cs };
  return {
    DIRAC: {
      Setups: { [setup]: { Configuration: 'Production', Tornado: 'Production' } },
      Configuration: { Name: setup, Master: 'yes' },
    },
    Systems: { Configuration: { Production: { Services: { Server: server } } } },
  };
}

/** What the configuration service tells everybody: people, groups, sites, services; a small grid's. */
export function servedConfiguration(facts: RigFacts): Section {
  const { host, ports, subjects, sites } = facts;
  const master = `https://${host}:${ports.cs}/Configuration/Server`;
  return {
    DIRAC: {
      Configuration: {
        Name: setup,
        Version: '2024-01-01 00:00:00.000000',
        MasterServer: master,
        Servers: `${master}, https://${host}:${ports.https}/Configuration/Server`,
      },
      VirtualOrganization: vo,
      Setups: { [setup]: each(systems, () => 'Production') },
    },
    Registry: registry(subjects),
    Resources: {
      Sites: { LCG: each(sites, site) },
      StorageElements: { ProductionSandboxSE: sandboxStorage(facts) },
    },
    Systems: {
      Tornado: { Production: { Port: ports.https } },
      Configuration: { Production: { Services: { Server: configurationService } } },
      Framework: framework(facts),
      WorkloadManagement: workloadManagement(facts),
    },
  };
}

/** What a site's nodes add. By default a running job asks for its orders, such as to end, only every half hour. */
export function nodeConfiguration(site: string, slots: number): Section {
  const wrapper = { PollingTime: 2, CheckingTime: 3, MinCheckingTime: 1 };
  const agent = {
    ...{ PollingTime: 1, MaxCycles: 0, SubmissionDelay: 0, StopOnApplicationFailure: 'False' },
    ...{ StopAfterFailedMatches: 1_000_000, StopAfterHostFailures: 1_000_000, MinimumTimeLeft: 10 },
    FillingModeFlag: 'True',
  };
  return {
    LocalSite: {
      ...{ Site: site, GridCE: 'worker-node', CEQueue: 'local', LocalCE: 'Pool/InProcess' },
      ...{ CPUNormalizationFactor: '10.0', CPUTime: 10_000_000, CPUTimeLeft: 10_000_000 },
    },
    AgentJobRequirements: { ExtraOptions: 'pilot.cfg' },
    DIRAC: { Security: { UseServerCertificate: 'no' } },
    Resources: { Computing: { CEDefaults: { MaxCPUTime: 10_000_000, NumberOfProcessors: slots } } },
    Systems: { WorkloadManagement: { Production: { JobWrapper: wrapper, Agents: { JobAgent: agent } } } },
  };
}

function registry(subjects: RigFacts['subjects']): Section {
  const person = (name: keyof RigFacts['subjects']) => ({
    DN: subjects[name],
    CA: subjects.ca,
    Email: `${name}@example.org`,
  });
  return {
    DefaultGroup: 'gridpp_user',
    Users: {
      alice: person('alice'),
      bob: person('bob'),
      carol: person('carol'),
      admin: person('admin'),
      pilot: person('pilot'),
    },
    Groups: {
      gridpp_user: { Users: 'alice, carol, admin', Properties: 'NormalUser', VO: vo, AutoUploadProxy: 'True' },
      other_user: { Users: 'bob', Properties: 'NormalUser', VO: 'other' },
      gridpp_pilot: { Users: 'pilot', Properties: 'GenericPilot, LimitedDelegation', VO: vo },
      dirac_admin: {
        Users: 'admin',
        Properties:
          'AlarmsManagement, ServiceAdministrator, CSAdministrator, JobAdministrator, FullDelegation, ProxyManagement, Operator, SiteManager',
      },
    },
    Hosts: {
      localhost: {
        DN: subjects.host,
        Properties: 'TrustedHost, CSAdministrator, JobAdministrator, FullDelegation, ProxyManagement, Operator',
      },
    },
    VO: { [vo]: { VOAdmin: 'admin', DefaultGroup: 'gridpp_user' }, other: { VOAdmin: 'admin' } },
  };
}

function site(name: string): Section {
  const host = `ce.${name.toLowerCase()}.example`;
  const queue = { VO: vo, maxCPUTime: 4320, SI00: 2500 };
  return {
    Name: name.replace(/^LCG\.|\.uk$/g, ''),
    CE: host,
    CEs: { [host]: { CEType: 'AREX', architecture: 'x86_64', OS: 'EL9', Queues: { default: queue } } },
  };
}

function sandboxStorage({ host, ports }: RigFacts): Section {
  return {
    ...{ BackendType: 'DISET', ReadAccess: 'Active', WriteAccess: 'Active', CheckAccess: 'Active' },
    ...{ RemoveAccess: 'Active', AccessProtocols: 'https' },
    DIP: {
      ...{ PluginName: 'DIP', Host: host, Port: ports.https, Protocol: 'https', Access: 'remote' },
      ...{ Path: '/WorkloadManagement/SandboxStore', InputProtocols: 'file, https', OutputProtocols: 'file, https' },
    },
  };
}

const configurationService: Section = {
  HandlerPath: 'DIRAC/ConfigurationSystem/Service/TornadoConfigurationHandler.py',
  Protocol: 'https',
  Authorization: { Default: 'authenticated', commitNewData: 'CSAdministrator' },
};

function framework({ host, ports }: RigFacts): Section {
  const delegation = 'FullDelegation, LimitedDelegation, PrivateLimitedDelegation';
  const authorization = {
    ...{ Default: 'authenticated', getProxy: delegation, getVOMSProxy: delegation },
    ...{ getProxyWithToken: delegation, getVOMSProxyWithToken: delegation },
  };
  const handler = 'DIRAC/FrameworkSystem/Service/TornadoProxyManagerHandler.py';
  return {
    Production: {
      URLs: { ProxyManager: `https://${host}:${ports.https}/Framework/ProxyManager` },
      Services: { ProxyManager: { HandlerPath: handler, Protocol: 'https', Authorization: authorization } },
      Databases: each(databases.Framework, (name) => ({ DBName: name })),
    },
  };
}

function workloadManagement({ folder, host, ports }: RigFacts): Section {
  const names = ['JobManager', 'JobMonitoring', 'JobStateUpdate', 'SandboxStore', 'WMSAdministrator'];
  const service = (name: string, more: Section = {}, authorization: Section = { Default: 'authenticated' }) => ({
    HandlerPath: `DIRAC/WorkloadManagementSystem/Service/Tornado${name}Handler.py`,
    Protocol: 'https',
    Authorization: authorization,
    ...more,
  });
  // DIRAC 8 has these in its own protocol only; clients never call them.
  const dips = (name: string, port: number) => `dips://${host}:${port}/WorkloadManagement/${name}`;
  const pilots = 'Operator, GenericPilot';
  return {
    Production: {
      URLs: {
        ...each(names, (name) => `https://${host}:${ports.https}/WorkloadManagement/${name}`),
        // As DIRAC's own installer calls it; it answers under its plain name, too.
        JobManager: `https://${host}:${ports.https}/WorkloadManagement/TornadoJobManager`,
        Matcher: dips('Matcher', ports.matcher),
        PilotManager: dips('PilotManager', ports.pilots),
        OptimizationMind: dips('OptimizationMind', ports.mind),
      },
      Services: {
        JobManager: service('JobManager', { MaxParametricJobs: 100 }),
        TornadoJobManager: service('JobManager', { MaxParametricJobs: 100 }),
        JobMonitoring: service('JobMonitoring'),
        JobStateUpdate: service('JobStateUpdate'),
        SandboxStore: service('SandboxStore', {
          ...{ LocalSE: 'ProductionSandboxSE', Backend: 'local', MaxSandboxSizeMiB: 10, SandboxPrefix: 'Sandbox' },
          ...{ BasePath: `${folder}/sandboxes`, DelayedExternalDeletion: 'True' },
        }),
        WMSAdministrator: service(
          'WMSAdministrator',
          {},
          {
            ...{ Default: 'Operator', getSiteMask: 'authenticated', getSiteMaskStatus: 'authenticated' },
            ...{ ping: 'authenticated', allowSite: 'SiteManager, Operator', banSite: 'SiteManager, Operator' },
          },
        ),
        Matcher: { Port: ports.matcher, Authorization: { Default: 'authenticated' } },
        PilotManager: {
          Port: ports.pilots,
          Authorization: {
            ...{ Default: 'Operator', setPilotStatus: 'Operator, Pilot, GenericPilot', addPilotTQReference: pilots },
            ...{ setJobForPilot: pilots, setPilotBenchmark: pilots, setAccountingFlag: pilots },
          },
        },
        OptimizationMind: { Port: ports.mind, LoadJobPeriod: 10 },
      },
      Executors: {
        Optimizers: { Load: 'JobPath, JobSanity, InputData, JobScheduling' },
        ...{ JobPath: {}, JobSanity: {}, InputData: {}, JobScheduling: { HoldTime: 10 } },
      },
      Databases: each(databases.WorkloadManagement, (name) => ({ DBName: name })),
    },
  };
}
