import { randomInt } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';

/**
 * Who has an account, and in which group. `carol` has just got hers, and DIRAC has no proxy of hers yet; `mallory` has a good
 * certificate and no account.
 */
export const people = {
  alice: 'gridpp_user',
  bob: 'other_user',
  carol: 'gridpp_user',
  admin: 'dirac_admin',
  pilot: 'gridpp_pilot',
  mallory: 'gridpp_user',
} as const;
export type Person = keyof typeof people;

const organisation = '/C=UK/O=SitespanTest';
const days = ['-days', '7', '-sha256'];

/** A grid's authority, its host and its people, made with openssl for one rig. Keys are bare: of no use elsewhere. */
export class GridPki {
  readonly authority: string;
  readonly authorities: string;

  private constructor(private readonly folder: string) {
    this.authority = join(folder, 'ca.pem');
    this.authorities = join(folder, 'grid-security', 'certificates');
  }

  /** @param addresses by which its host is known, besides `localhost` */
  static async make(folder: string, addresses: readonly string[] = []): Promise<GridPki> {
    const pki = new GridPki(folder);
    await mkdir(pki.authorities, { recursive: true, mode: 0o700 });
    const usage = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    for (const [name, subject] of [
      ['ca', `${organisation}/OU=Authority/CN=Test CA`],
      ['stranger', '/C=UK/O=Elsewhere/CN=stranger'],
    ] as const) {
      await openssl(
        'req',
        '-x509',
        ...newKey,
        '-keyout',
        pki.file(name, 'key'),
        '-subj',
        subject,
        ...days,
        ...usage,
        '-out',
        pki.file(name, 'pem'),
      );
    }
    const client = ['keyUsage=critical,digitalSignature,keyEncipherment', 'extendedKeyUsage=clientAuth'];
    const host = [
      ...['keyUsage=critical,digitalSignature,keyEncipherment', 'extendedKeyUsage=serverAuth,clientAuth'],
      ['subjectAltName=DNS:localhost,IP:127.0.0.1', ...addresses.map((address) => `IP:${address}`)].join(','),
    ];
    await Promise.all([
      pki.issue('host', `${organisation}/OU=Host/CN=localhost`, host),
      ...Object.keys(people).map((name) => pki.issue(name, `${organisation}/OU=People/CN=${name} example`, client)),
    ]);
    await copyFile(pki.authority, join(pki.authorities, 'TestCA.pem'));
    await openssl('rehash', pki.authorities);
    await Promise.all(Object.entries(people).map(([name, group]) => pki.proxy(name, group, `${name}.proxy`)));
    return pki;
  }

  certificate(name: Person | 'host' | 'stranger'): string {
    return this.file(name, 'pem');
  }

  key(name: Person | 'host' | 'stranger'): string {
    return this.file(name, 'key');
  }

  /** The person's proxy for the person's group. */
  proxyOf(person: Person): string {
    return join(this.folder, `${person}.proxy`);
  }

  /** Another certificate of the person's, whose key is of an elliptic curve: `<person>-elliptic.pem` and `.key`. */
  async elliptic(person: Person): Promise<{ readonly certificate: string; readonly key: string }> {
    const name = `${person}-elliptic`;
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await this.issue(name, await this.subject(person), ['keyUsage=critical,digitalSignature'], curve);
    return { certificate: this.file(name, 'pem'), key: this.file(name, 'key') };
  }

  /** As DIRAC's configuration wants it: `/C=UK/O=…/CN=…`. */
  async subject(name: Person | 'host' | 'ca'): Promise<string> {
    const said = await openssl('x509', '-in', this.file(name, 'pem'), '-noout', '-subject', '-nameopt', 'compat');
    return said.trim().replace(/^subject= */, '');
  }

  /** A proxy in DIRAC's manner (RFC 3820, the group as an extension of its own): its certificate, its key, the chain. */
  async proxy(name: string, group: string, file: string, { expired = false } = {}): Promise<string> {
    const [key, request] = [`${file}.key`, `${file}.request`].map((one) => join(this.folder, one));
    if (key === undefined || request === undefined) throw new Error('two paths');
    await openssl('req', '-new', ...newKey, '-keyout', key, '-subj', '/CN=proxy', '-out', request);
    const signed = await this.signProxy(name, request, [`1.2.42.42=ASN1:IA5STRING:${group}`], expired);
    const path = join(this.folder, file);
    const chain = [signed, await readFile(key, 'utf8'), await readFile(this.file(name, 'pem'), 'utf8')];
    await writeFile(path, chain.join(''), { mode: 0o600 });
    return path;
  }

  /** Answers DIRAC's request for a delegated proxy: no group, and the key stays where it was made. */
  async delegate(person: Person, request: string): Promise<string> {
    const path = join(this.folder, `${person}.delegation`);
    await writeFile(path, request);
    return (await this.signProxy(person, path, [])) + (await readFile(this.file(person, 'pem'), 'utf8'));
  }

  private async signProxy(name: string, request: string, more: readonly string[], expired = false): Promise<string> {
    const serial = String(randomInt(1, 2 ** 31));
    const issuer = (
      await openssl('x509', '-in', this.file(name, 'pem'), '-noout', '-subject', '-nameopt', 'compat')
    ).trim();
    const extensions = `${request}.ext`;
    const usage = 'keyUsage=critical,digitalSignature,keyEncipherment,dataEncipherment';
    await writeFile(extensions, [usage, 'proxyCertInfo=critical,language:id-ppl-inheritAll', ...more].join('\n'));
    const signer = ['-CA', this.file(name, 'pem'), '-CAkey', this.file(name, 'key'), '-set_serial', serial];
    const subject = `${issuer.replace(/^subject= */, '')}/CN=${serial}`;
    return openssl(
      'x509',
      '-req',
      '-in',
      request,
      ...signer,
      '-subj',
      subject,
      ...(expired ? ['-days', '0', '-sha256'] : days),
      '-extfile',
      extensions,
    );
  }

  private async issue(name: string, subject: string, extensions: readonly string[], kind = newKey): Promise<void> {
    const [request, file] = [this.file(name, 'request'), this.file(name, 'ext')];
    await openssl('req', '-new', ...kind, '-keyout', this.file(name, 'key'), '-subj', subject, '-out', request);
    await writeFile(file, ['basicConstraints=critical,CA:FALSE', ...extensions].join('\n'));
    const signer = [
      '-CA',
      this.authority,
      '-CAkey',
      this.file('ca', 'key'),
      '-set_serial',
      String(randomInt(1, 2 ** 31)),
    ];
    await openssl('x509', '-req', '-in', request, ...signer, ...days, '-extfile', file, '-out', this.file(name, 'pem'));
    await chmod(this.file(name, 'key'), 0o600);
  }

  private file(name: string, ending: string): string {
    return join(this.folder, `${name}.${ending}`);
  }
}

const newKey = ['-newkey', 'rsa:2048', '-nodes'];

async function openssl(...args: string[]): Promise<string> {
  const done = await runLeashed({ command: 'openssl', args, timeoutMs: 60_000 });
  if (done.exitCode !== 0) throw new Error(`openssl ${args[0]}: ${done.stderr}`);
  return done.stdout;
}
