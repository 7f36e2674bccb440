import { randomBytes } from 'node:crypto';
import { type Credential, macOf } from './credential.js';
import { StrangerError } from './refusal.js';

/** What a prelude claims; nothing of it is proved before its mac is. */
export interface Prelude {
  readonly target: string;
  /** The ticket or cookie, or ''. */
  readonly secret: string;
  readonly tenant: string;
  readonly cluster: string;
  readonly role: string;
  readonly subject: string;
  readonly expires: number;
  readonly ms: number;
  readonly nonce: string;
  readonly mac: string;
}

/** The head by which a dialler says who it is and what it wants (docs/relay.md, "Prelude"). */
export function buildPrelude(
  credential: Credential,
  target: string,
  secret: string | undefined,
  ms: number,
  nonce: string = randomBytes(16).toString('hex'),
): string {
  const { tenant, cluster, role, subject, expires, key } = credential;
  const mac = macOf(key, target, secret ?? '', ms, nonce);
  const lines = [
    `GET ${target} HTTP/1.1`,
    'Host: relay',
    'Connection: Upgrade',
    'Upgrade: sitespan-relay/1',
    `Sitespan-Auth: ${tenant}.${cluster}.${role}.${subject}.${expires}.${ms}.${nonce}.${mac}`,
  ];
  if (secret !== undefined) lines.push(`Sitespan-Secret: ${secret}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const name = '[A-Za-z0-9_-]{1,64}';
const auth = new RegExp(
  `^(${name})\\.(${name})\\.(${name})\\.(${name})\\.(0|[1-9][0-9]{0,11})\\.([1-9][0-9]{0,14})\\.([0-9A-Fa-f]{16,64})\\.([0-9a-f]{64})$`,
);

/**
 * @param head a whole head, its empty line included
 * @throws StrangerError `head-garbage` where it is no request of ours, `no-auth` where it does not say who calls
 */
export function parsePrelude(head: string): Prelude {
  const { target, headers } = parseRequest(head);
  const said = headers.get('sitespan-auth');
  if (said === undefined) throw new StrangerError('no-auth', 'The head has no Sitespan-Auth.');
  if (headers.get('connection') !== 'Upgrade' || headers.get('upgrade') !== 'sitespan-relay/1') {
    throw new StrangerError('head-garbage', 'The head does not ask for an upgrade to sitespan-relay/1.');
  }
  const secret = headers.get('sitespan-secret');
  if (secret !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(secret)) {
    throw new StrangerError('head-garbage', 'Sitespan-Secret is malformed.');
  }
  const [, tenant, cluster, role, subject, expires, ms, nonce, mac] = auth.exec(said) ?? [];
  if (
    tenant === undefined ||
    cluster === undefined ||
    role === undefined ||
    subject === undefined ||
    nonce === undefined ||
    mac === undefined
  ) {
    throw new StrangerError('no-auth', 'Sitespan-Auth is malformed.');
  }
  return {
    target,
    secret: secret ?? '',
    tenant,
    cluster,
    role,
    subject,
    expires: Number(expires),
    ms: Number(ms),
    nonce,
    mac,
  };
}

/**
 * Strictly one GET: CRLF alone ends a line, every character is printable ASCII, no header comes twice.
 *
 * @throws StrangerError `head-garbage`
 */
export function parseRequest(head: string): { readonly target: string; readonly headers: ReadonlyMap<string, string> } {
  const [first = '', ...lines] = head.slice(0, -4).split('\r\n');
  const target = /^GET (\/[!-~]*) HTTP\/1\.[01]$/.exec(first)?.[1];
  if (target === undefined || !head.endsWith('\r\n\r\n')) {
    throw new StrangerError('head-garbage', 'The head is not one of a GET request.');
  }
  return { target, headers: parseHeaders(lines) };
}

/** @throws StrangerError `head-garbage` */
export function parseHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, key, value] = /^([A-Za-z0-9-]+): ?([ -~]*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined || headers.has(key.toLowerCase())) {
      throw new StrangerError('head-garbage', 'A header of the head is malformed or comes twice.');
    }
    headers.set(key.toLowerCase(), value);
  }
  return headers;
}
