import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dn = '/C=UK/O=eScienceLab';

/** How long a certificate is good: days from now, or between two times such as `20240131000000Z`. */
interface Validity {
  readonly days?: number;
  readonly from?: string;
  readonly until?: string;
}

/**
 * A small grid PKI made by OpenSSL: a root and an authority below it in a folder as IGTF lays them out (hashed names, signing
 * policies, revocation lists), and users of it. Everything lies in `folder`, which `remove` takes away.
 */
export class GridPki {
  readonly folder = mkdtempSync(join(tmpdir(), 'sitespan-pki-'));
  readonly authorities = join(this.folder, 'certificates');

  constructor(readonly passphrase = 'lab passphrase') {
    mkdirSync(this.authorities);
    for (const name of ['root', 'authority']) this.prepare(name);
    this.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', `${dn}/CN=Lab Root`, [
      ...['-keyout', this.path('root/key.pem'), '-out', this.path('root/cert.pem')],
      ...['-config', this.path('root/ca.cnf'), '-extensions', 'authority'],
    ]);
    this.request('authority', `${dn}/OU=Authority/CN=Lab CA`);
    this.sign('root', 'authority', { section: 'authority', days: 3000 });
    copyFileSync(this.path('authority/signed.pem'), this.path('authority/cert.pem'));
    this.publish('root', `"${dn}/CN=Lab Root" "${dn}/OU=Authority/*"`);
    this.publish('authority', `"${dn}/*"`);
  }

  path(relative: string): string {
    return join(this.folder, relative);
  }

  read(relative: string): Buffer {
    return readFileSync(this.path(relative));
  }

  openssl(...args: readonly (string | readonly string[])[]): string {
    return execFileSync('openssl', args.flat(), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A user: `<name>/key.pem` in clear and `<name>/cert.pem`, both of mode 0600. */
  user(name: string, { days = 395, from, until, curve }: Validity & { curve?: string } = {}): void {
    mkdirSync(this.path(name));
    this.request(name, `${dn}/OU=Imperial/CN=${name} lovelace`, curve);
    this.sign('authority', name, { section: 'user', days, ...(from && { from }), ...(until && { until }) });
    copyFileSync(this.path(`${name}/signed.pem`), this.path(`${name}/cert.pem`));
    for (const file of ['key.pem', 'cert.pem']) chmodSync(this.path(`${name}/${file}`), 0o600);
  }

  /** A server's certificate and key, `<name>/cert.pem` and `<name>/key.pem`, for these names: `DNS:localhost`. */
  host(name: string, names: string, days = 30): void {
    mkdirSync(this.path(name));
    this.request(name, `${dn}/OU=Host/CN=${name}`);
    const extensions = this.path(`${name}/extensions`);
    writeFileSync(extensions, `basicConstraints=critical,CA:FALSE\nsubjectAltName=${names}\n`);
    this.openssl(
      ...['x509', '-req', '-in', this.path(`${name}/request.pem`), '-days', String(days), '-extfile', extensions],
      ...['-CA', this.path('authority/cert.pem'), '-CAkey', this.path('authority/key.pem'), '-CAcreateserial'],
      ...['-out', this.path(`${name}/cert.pem`)],
    );
  }

  /** The user's key in another form, protected by the passphrase. @returns its path */
  protect(name: string, form: string, ...how: readonly string[]): string {
    const out = this.path(`${name}/${form}.pem`);
    const [command = '', ...args] = how;
    this.openssl(
      command,
      args,
      '-in',
      this.path(`${name}/key.pem`),
      '-passout',
      `pass:${this.passphrase}`,
      '-out',
      out,
    );
    chmodSync(out, 0o600);
    return out;
  }

  pkcs12(name: string, form: string, ...how: readonly string[]): string {
    const out = this.path(`${name}/${form}.p12`);
    const from = ['-inkey', this.path(`${name}/key.pem`), '-in', this.path(`${name}/cert.pem`)];
    this.openssl('pkcs12', '-export', how, from, '-passout', `pass:${this.passphrase}`, '-out', out);
    chmodSync(out, 0o600);
    return out;
  }

  revoke(name: string): void {
    this.openssl('ca', '-config', this.path('authority/ca.cnf'), '-revoke', this.path(`${name}/cert.pem`));
    this.publish('authority', `"${dn}/*"`);
  }

  /** Publishes an authority's certificate, policy and a fresh revocation list under both hashed names. */
  publish(name: string, subjects: string, crlSeconds = 86_400): void {
    const certificate = this.path(`${name}/cert.pem`);
    const crl = this.path(`${name}/crl.pem`);
    const config = ['-config', this.path(`${name}/ca.cnf`)];
    this.openssl('ca', '-gencrl', config, '-crlsec', String(crlSeconds), '-out', crl);
    const subject = name === 'root' ? `${dn}/CN=Lab Root` : `${dn}/OU=Authority/CN=Lab CA`;
    for (const hash of ['-hash', '-subject_hash_old']) {
      const stem = join(this.authorities, this.openssl('x509', '-noout', hash, '-in', certificate).trim());
      copyFileSync(certificate, `${stem}.0`);
      copyFileSync(crl, `${stem}.r0`);
      writeFileSync(
        `${stem}.signing_policy`,
        `# who may be signed\naccess_id_CA X509 '${subject}'\npos_rights globus CA:sign\ncond_subjects globus '${subjects}'\n`,
      );
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private prepare(name: string): void {
    const folder = this.path(name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.txt'), '');
    for (const file of ['serial', 'crlnumber']) writeFileSync(join(folder, file), '1000\n');
    writeFileSync(join(folder, 'ca.cnf'), configuration(folder));
  }

  private request(name: string, subject: string, curve?: string): void {
    const key = curve === undefined ? ['rsa:2048'] : ['ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
    const files = ['-keyout', this.path(`${name}/key.pem`), '-out', this.path(`${name}/request.pem`)];
    this.openssl('req', '-newkey', key, '-nodes', '-subj', subject, files);
  }

  private sign(authority: string, name: string, how: Validity & { section: string }): void {
    const begin = how.from === undefined ? [] : ['-startdate', how.from];
    const days = [...begin, ...(how.until === undefined ? ['-days', String(how.days)] : ['-enddate', how.until])];
    const files = ['-in', this.path(`${name}/request.pem`), '-out', this.path(`${name}/signed.pem`)];
    const config = ['-config', this.path(`${authority}/ca.cnf`), '-extensions', how.section];
    this.openssl('ca', '-batch', '-notext', config, days, files);
  }
}

function configuration(folder: string): string {
  return `
[ca]
default_ca = own
[own]
database = ${folder}/index.txt
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
new_certs_dir = ${folder}
certificate = ${folder}/cert.pem
private_key = ${folder}/key.pem
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[user]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment,dataEncipherment
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;
}
