import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { Log, type LogLevel } from '../../../src/base/log.js';
import { Redactor } from '../../../src/base/redactor.js';

describe('Log', () => {
  const logTo = (lines: string[], level?: LogLevel): Log => {
    const redactor = new Redactor({ home: '/home/ada', user: 'ada' });
    redactor.register('hunter22');
    return new Log((line) => lines.push(line), redactor, {
      scope: 'keeper',
      ...(level === undefined ? {} : { level }),
    });
  };

  it('writes one JSON object a line, with time, level and scope', () => {
    const lines: string[] = [];
    logTo(lines).scoped('pool').warning('two\nlines', { pool: 'north', jobs: 3 });
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^[^\n]+\n$/);
    const { t, ...rest } = JSON.parse(lines[0] ?? '');
    assert.ok(Math.abs(Date.parse(t) - Date.now()) < 60_000);
    assert.deepEqual(rest, { level: 'warning', scope: 'keeper.pool', message: 'two\nlines', pool: 'north', jobs: 3 });
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    const log = logTo(lines, 'warning');
    log.debug('no');
    log.info('no');
    log.error('yes');
    assert.equal(lines.length, 1);
  });

  it('redacts the sentence, fields however deep, names of fields, and errors with their causes', () => {
    const lines: string[] = [];
    logTo(lines).error('hunter22 in /home/ada/x', {
      deep: [{ 'hunter22-name': 'hunter22' }],
      error: new SitespanError('relay-unreachable', 'hunter22', { cause: new Error('hunter22 at /home/ada') }),
    });
    assert.doesNotMatch(lines[0] ?? '', /hunter22|\/home\/ada/);
    const { error } = JSON.parse(lines[0] ?? '');
    assert.equal(error.code, 'relay-unreachable');
    assert.match(error.cause.message, /at ~/);
  });

  it('does not show what is named as a secret', () => {
    const lines: string[] = [];
    logTo(lines).info('enrolled', { token: 'anything', privateKey: 'anything', proxyPassword: 'anything', host: 'pc' });
    assert.doesNotMatch(lines[0] ?? '', /anything/);
    assert.equal(JSON.parse(lines[0] ?? '').host, 'pc');
  });

  it('survives circles, huge integers and bytes', () => {
    const lines: string[] = [];
    const circle: { self?: unknown } = {};
    circle.self = circle;
    logTo(lines).info('odd', { circle, big: 2n ** 64n, bytes: new Uint8Array(3) });
    const { big, bytes } = JSON.parse(lines[0] ?? '');
    assert.deepEqual([big, bytes], ['18446744073709551616', '<3 bytes>']);
  });
});
