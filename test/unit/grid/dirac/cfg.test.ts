import assert from 'node:assert/strict';
import { Cfg } from '../../../../src/grid/dirac/cfg.js';
import { localConfiguration, servedConfiguration } from '../../../rigs/dirac/configuration.js';
import { configurationText } from '../../../rigs/dirac/section.js';
import { rigFacts } from './rigFacts.js';

describe('a configuration of DIRAC', () => {
  const parse = (text: string): Cfg => Cfg.parse(text, 'a text');

  it('has sections within sections, and options', () => {
    const cfg = parse('A\n{\n  B\n  {\n    key = some value\n  }\n  other = 1\n}\n');
    assert.deepEqual(cfg.sections, ['A']);
    assert.equal(cfg.section('A', 'B')?.option('key'), 'some value');
    assert.equal(cfg.section('A')?.option('other'), '1');
    assert.equal(cfg.section('A', 'C', 'D'), undefined);
    assert.equal(cfg.section('A')?.option('key'), undefined);
  });

  it('has lists, to which further lines add', () => {
    const cfg = parse('hosts = a, b,\nhosts += c\nhosts += d , e\nnone =\nnew += x');
    assert.deepEqual(cfg.list('hosts'), ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(cfg.list('none'), []);
    assert.deepEqual(cfg.list('absent'), []);
    assert.deepEqual(cfg.list('new'), ['x']);
  });

  it('keeps of a value all that is no comment of its own line', () => {
    const cfg = parse('# key = no\n  # A { \nquoted = "x # y"\nmath = a=b+=c\nbraces = {"A", "B"}');
    assert.deepEqual(cfg.options, ['quoted', 'math', 'braces']);
    assert.equal(cfg.option('quoted'), '"x # y"');
    assert.equal(cfg.option('math'), 'a=b+=c');
    assert.equal(cfg.option('braces'), '{"A", "B"}');
  });

  it('may have its braces on the lines of names, and lines of Windows', () => {
    const cfg = parse('A { B {\r\nkey = 1\r\n} } C\r\n{ key = 2\r\n}\r\n');
    assert.equal(cfg.section('A', 'B')?.option('key'), '1');
    assert.equal(cfg.section('C')?.option('key'), '2');
  });

  it('says where it is none', () => {
    assert.throws(() => parse('A\n{\n'), { code: 'cfg-invalid', message: /a text .*does not end/ });
    assert.throws(() => parse('A\n{\n}\n}\n'), { code: 'cfg-invalid', message: /never began \(line 4\)/ });
    assert.throws(() => parse('{\n}'), { code: 'cfg-invalid', message: /no name \(line 1\)/ });
    assert.throws(() => parse(' = 1'), { code: 'cfg-invalid' });
  });

  it('is what the real DIRAC of the tests reads, too', () => {
    const served = parse(configurationText(servedConfiguration(rigFacts)));
    const urls = served.section('Systems', 'WorkloadManagement', 'Production', 'URLs');
    assert.equal(urls?.option('JobMonitoring'), 'https://localhost:2001/WorkloadManagement/JobMonitoring');
    assert.deepEqual(served.section('Registry', 'Groups', 'gridpp_user')?.list('Users'), ['alice', 'carol', 'admin']);
    assert.equal(served.section('DIRAC', 'Configuration')?.list('Servers').length, 2);
    const local = parse(configurationText(localConfiguration(rigFacts)));
    assert.equal(local.section('DIRAC')?.option('Setup'), 'Test');
  });
});
