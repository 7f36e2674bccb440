import assert from 'node:assert/strict';
import { connectionError } from '../../../../src/grid/dirac/connectionError.js';
import { GridPki } from '../../credentials/gridPki.js';
import { Servers } from './servers.js';

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

  it('blames no curve where the server takes such keys', async () => {
    const pki = new GridPki();
    const servers = new Servers(pki);
    try {
      pki.host('localhost', 'DNS:localhost');
      pki.user('ada', { curve: 'P-256' });
      const [cert = '', key = ''] = ['cert', 'key'].map((name) => pki.read(`ada/${name}.pem`).toString());
      const address = await servers.secure((_asked, answer) => answer.end());
      const tls = { cert, key, ca: ['root', 'authority'].map((name) => pki.read(`${name}/cert.pem`).toString()) };
      for (const alert of ['CERTIFICATE_UNKNOWN', 'UNSUPPORTED_CERTIFICATE', 'HANDSHAKE_FAILURE']) {
        const cause = Object.assign(new Error('alert'), { code: `ERR_SSL_SSLV3_ALERT_${alert}` });
        const { code } = await connectionError(cause, place, { ...attempt, address, tls });
        assert.equal(code, 'grid-refuses-certificate', alert);
      }
    } finally {
      await servers.stop();
      pki.remove();
    }
  });
});
