import assert from 'node:assert/strict';
import { Cfg } from '../../../../src/grid/dirac/cfg.js';
import { DiracConfiguration } from '../../../../src/grid/dirac/configuration.js';
import { localConfiguration, servedConfiguration } from '../../../rigs/dirac/configuration.js';
import { configurationText } from '../../../rigs/dirac/section.js';
import { rigFacts } from './rigFacts.js';

describe("a grid's configuration", () => {
  const of = (text: string): DiracConfiguration => new DiracConfiguration(Cfg.parse(text, 'a text'));
  const services = (urls: string): string => `Systems { WorkloadManagement { URLs {\n${urls}\n} } }`;

  it('of DIRAC 8 has its services in the instance of the setup', () => {
    const rig = of(configurationText(servedConfiguration(rigFacts)));
    assert.deepEqual(rig.setups, ['Test']);
    const base = 'https://localhost:2001/WorkloadManagement';
    assert.deepEqual(rig.servicesOf('Test'), {
      services: {
        JobManager: `${base}/TornadoJobManager`,
        JobMonitoring: `${base}/JobMonitoring`,
        SandboxStore: `${base}/SandboxStore`,
        WMSAdministrator: `${base}/WMSAdministrator`,
      },
      proxyManager: 'https://localhost:2001/Framework/ProxyManager',
      unusable: [],
    });
    assert.deepEqual(rig.servicesOf('Other').services, {});
  });

  it('of DIRAC 9 has no setups, and its services at once', () => {
    const grid = of(services('JobManager = https://a.example:8443/WorkloadManagement/JobManager'));
    assert.deepEqual(grid.setups, []);
    assert.equal(grid.servicesOf('').services.JobManager, 'https://a.example:8443/WorkloadManagement/JobManager');
  });

  it('may name services as its installer does, several addresses of one, or its main servers', () => {
    const grid = of(`${services(`
      JobManager = dips://a.example:9132/WorkloadManagement/JobManager
      TornadoJobManager = https://a.example:8443/WorkloadManagement/TornadoJobManager
      JobMonitoring = dips://a.example:9130/WorkloadManagement/JobMonitoring
      JobMonitoring += https://b.example:8443/WorkloadManagement/TornadoJobMonitoring
      SandboxStore = https://$MAINSERVERS$:8443/WorkloadManagement/SandboxStore
      WMSAdministrator = https://c.example`)}
      Operations { Defaults {\nMainServers = m.example, n.example\n} }`);
    assert.deepEqual(grid.servicesOf('').services, {
      JobManager: 'https://a.example:8443/WorkloadManagement/TornadoJobManager',
      JobMonitoring: 'https://b.example:8443/WorkloadManagement/TornadoJobMonitoring',
      SandboxStore: 'https://m.example:8443/WorkloadManagement/SandboxStore',
      WMSAdministrator: 'https://c.example/WorkloadManagement/WMSAdministrator',
    });
  });

  it('tells which services only speak dips, which cannot be used', () => {
    const grid = of(services('JobManager = dips://a.example:9132/WorkloadManagement/JobManager'));
    assert.deepEqual(grid.servicesOf(''), { services: {}, unusable: ['JobManager'] });
  });

  it('has the sites whose queues take jobs of the VO', () => {
    const grid = of(`Resources { Sites { LCG {
      LCG.A.uk { CEs { ce1 {\nCEType = ARC\n Queues { q1 {\nVO = gridpp, lsst\n} q2 {\nVO = lsst\n} } } } }
      LCG.B.uk { CEs { ce2 { Queues { q {\nVO = lsst\n} } } } }
      LCG.C.uk { CEs { ce3 { Queues { q { } } } } }
      LCG.D.uk {\nVO = other\n CEs { ce4 { Queues { q { } } } } }
      LCG.E.uk { Name = none\n } } } }`);
    assert.deepEqual(grid.sitesOf('GridPP'), [
      { name: 'LCG.A.uk', queues: [{ ce: 'ce1', ceType: 'ARC', queue: 'q1' }] },
      { name: 'LCG.C.uk', queues: [{ ce: 'ce3', queue: 'q' }] },
    ]);
    assert.deepEqual(
      grid.sitesOf(undefined).map(({ name }) => name),
      ['LCG.A.uk', 'LCG.B.uk', 'LCG.C.uk', 'LCG.D.uk'],
    );
  });

  it('of a client says where the rest is, as whom, and in which setup', () => {
    const local = of(configurationText(localConfiguration(rigFacts)));
    assert.equal(local.setup, 'Test');
    assert.deepEqual(local.servers, { usable: ['https://localhost:2002/Configuration/Server'], others: 0 });
    const old = of('DIRAC { Configuration {\nServers = dips://a:9135/Configuration/Server, https://b\n} }');
    assert.deepEqual(old.servers, { usable: ['https://b/Configuration/Server'], others: 1 });
  });

  it('has groups, their VOs, and who is in them', () => {
    const rig = of(configurationText(servedConfiguration(rigFacts)));
    assert.deepEqual(rig.groups.slice(0, 2), [
      { name: 'gridpp_user', vo: 'gridpp', users: ['alice', 'carol', 'admin'] },
      { name: 'other_user', vo: 'other', users: ['bob'] },
    ]);
    assert.deepEqual(rig.groups.at(-1), { name: 'dirac_admin', users: ['admin'] });
  });
});
