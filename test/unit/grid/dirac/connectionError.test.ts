import assert from 'node:assert/strict';
import { connectionError } from '../../../../src/grid/dirac/connectionError.js';

describe('a connection to DIRAC that failed', () => {
  const place = {
    service: 'JobManager',
    method: 'whoami',
    host: 'dirac.example:8443',
    who: 'the proxy x',
    renewal: 'y',
  };
  const attempt = {
    address: 'https://localhost:1',
    tls: { cert: '', key: '', ca: [] },
    caDirectory: '',
    now: new Date(),
  };

  it("is told by the server's alert, whatever the OpenSSL of this Node calls it", async () => {
    for (const family of ['SSLV3', 'SSL/TLS']) {
      const cause = Object.assign(new Error('alert'), { code: `ERR_SSL_${family}_ALERT_CERTIFICATE_REVOKED` });
      const { code, message } = await connectionError(new Error('fetch failed', { cause }), place, attempt);
      assert.equal(code, 'certificate-revoked', family);
      assert.match(
        message,
        /^DIRAC at dirac\.example:8443 says that the certificate behind the proxy x has been revoked/,
      );
    }
  });
});
