import { homedir, userInfo } from 'node:os';

const hidden = '<redacted>';

/** What is secret by its shape, wherever it turns up. The first group, where there is one, is kept. */
const secretShapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi,
  /\b(Basic\s+)[A-Za-z0-9+/=]{8,}/g,
  /\b(Sitespan-(?:Auth|Secret):\s*)[^\s"']+/gi,
  // JSON Web Tokens: three base64url parts, the first of which is `{"…`.
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
  /([?&](?:code|token|secret|key|access_token|refresh_token|password)=)[^&\s"'#]+/gi,
  // 32 bytes in hex: how user keys and credentials travel (docs/relay.md). A hash of that size goes with them.
  /\b[0-9a-f]{64}\b/gi,
];

/**
 * Takes out of a text what must not lie in a log that people send to one another: secrets, and who and where the user is.
 *
 * Secrets that have no shape of their own are registered when they are made or read.
 */
export class Redactor {
  private readonly secrets = new Set<string>();
  private readonly person: readonly (readonly [RegExp, string])[];

  constructor(who: { readonly home: string; readonly user: string } = { home: homedir(), user: userInfo().username }) {
    const person: [RegExp, string][] = [];
    if (who.home.length > 1) person.push([new RegExp(`${escaped(who.home)}(?![A-Za-z0-9._-])`, 'g'), '~']);
    // `root` names nobody, and is a word of this field.
    if (who.user.length > 2 && who.user !== 'root') {
      person.push([new RegExp(`(?<![A-Za-z0-9])${escaped(who.user)}(?![A-Za-z0-9])`, 'g'), '<user>']);
    }
    this.person = person;
  }

  /** From now on this text is not shown. A text under 4 characters is not registered: hiding it would ruin every line. */
  register(secret: string): void {
    if (secret.length < 4) return;
    this.secrets.add(secret);
    this.secrets.add(encodeURIComponent(secret));
  }

  redact(text: string): string {
    let shown = text;
    // Longest first: a secret may contain another.
    for (const secret of [...this.secrets].sort((a, b) => b.length - a.length))
      shown = shown.replaceAll(secret, hidden);
    for (const shape of secretShapes) {
      shown = shown.replace(shape, (_, kept: unknown) => (typeof kept === 'string' ? kept : '') + hidden);
    }
    for (const [pattern, instead] of this.person) shown = shown.replace(pattern, instead);
    return shown;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
