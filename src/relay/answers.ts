import type { Refusal } from './refusal.js';

/** The heads that a relay answers with (docs/relay.md, "Refusals"; golden bytes in test/fixtures/relay-v1.json). */
export function upgradeAnswer(headers: Readonly<Record<string, string>> = {}): string {
  return head('101 Switching Protocols', { Connection: 'Upgrade', Upgrade: 'sitespan-relay/1', ...headers });
}

/** The one answer to all who are not known; with the relay's clock, so that a wrong one can be corrected. */
export function strangerAnswer(now: number): string {
  return head('404 Not Found', { Connection: 'close', 'Content-Length': '0', 'Sitespan-Time': String(now) });
}

export function refusalAnswer(refusal: Refusal): string {
  const reason = reasons[refusal.status] ?? 'Refused';
  return head(`${refusal.status} ${reason}`, {
    Connection: 'close',
    'Content-Length': '0',
    'Sitespan-Refusal': refusal.refusal,
  });
}

export function healthAnswer(uptimeSeconds: number): string {
  const body = JSON.stringify({ ok: true, uptimeSeconds });
  const about = { Connection: 'close', 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
  return head('200 OK', about) + body;
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

function head(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}
