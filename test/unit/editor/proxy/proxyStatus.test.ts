import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import { proxyStatusOf } from '../../../../src/editor/proxy/proxyStatus.js';
import { commands } from '../../../../src/ids.js';
import { now, proxyWith } from './knownProxies.js';

const missing = new SitespanError(
  'proxy-missing',
  'There is no proxy /tmp/x509up_u7 on this computer; make one with "sitespan proxy init".',
);

describe('The status bar, of proxies,', () => {
  it('says nothing where no grid needs one', () => {
    assert.equal(proxyStatusOf([], now), undefined);
  });

  it('says how long, whose and for what, and a click renews', () => {
    const status = proxyStatusOf([proxyWith({ clusters: ['ttbar'] }, { minutes: 719 })], now);
    assert.deepEqual([status?.text, status?.tone], ['$(key) proxy 11 h', 'plain']);
    assert.deepEqual(status?.lines, [
      '/C=UK/CN=ada, group gridpp_user: 11 h, until 2026-12-01 23:59 UTC.',
      '/tmp/x509up_u7, for gridpp, cluster ttbar.',
    ]);
    assert.deepEqual(
      [status?.action.command, status?.action.arguments],
      [commands.renewProxy, [{ proxy: '/tmp/x509up_u7' }]],
    );
    assert.equal(status?.spoken, 'Grid proxy: 11 h left');
  });

  it('warns within two hours, and is an error when it has expired', () => {
    const soon = proxyStatusOf([proxyWith({}, { minutes: 95 })], now);
    assert.deepEqual([soon?.text, soon?.tone], ['$(key) proxy 95 min', 'warning']);
    assert.match(soon?.lines[0] ?? '', /ends at 2026-12-01 13:35 UTC; then submitting .* workers that run go on\.$/);
    const late = proxyStatusOf([proxyWith({}, { minutes: -5 })], now);
    assert.deepEqual([late?.text, late?.tone, late?.action.label], ['$(key) proxy expired', 'error', 'Renew Proxy']);
    assert.match(late?.spoken ?? '', /^Grid proxy: expired, The proxy .* expired at/);
  });

  it('makes one where there is none, which is an error only for clusters, and in the words of a window', () => {
    const idle = proxyStatusOf([proxyWith({}, missing)], now);
    assert.deepEqual(
      [idle?.text, idle?.tone, idle?.action.command],
      ['$(key) proxy missing', 'plain', commands.initProxy],
    );
    assert.match(idle?.lines.join(' ') ?? '', /make one with "Initialise Proxy"/);
    assert.equal(proxyStatusOf([proxyWith({ clusters: ['ttbar'] }, missing)], now)?.tone, 'error');
  });

  it('is of the one that ends first, and tells of all', () => {
    const first = proxyWith({ path: '/tmp/na62', grids: ['na62'] }, { minutes: 30 });
    const status = proxyStatusOf([first, proxyWith()], now);
    assert.equal(status?.text, '$(key) proxy 30 min +1');
    assert.match(status?.lines.join('\n') ?? '', /\/tmp\/na62, for na62\.\n.*12 h.*\n\/tmp\/x509up_u7, for gridpp\./);
    assert.deepEqual(status?.action.arguments, [{ proxy: '/tmp/na62' }]);
  });
});
