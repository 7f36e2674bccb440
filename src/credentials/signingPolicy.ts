/** Which names an authority may sign: one entry of a `.signing_policy` file (Globus EACL). */
interface PolicyEntry {
  readonly authority: string;
  readonly subjects: readonly string[];
}

/** The entries of a `.signing_policy` file; what is not understood is left out. */
export function parseSigningPolicy(text: string): readonly PolicyEntry[] {
  const entries: { authority: string; subjects: string[] }[] = [];
  for (const line of text.split('\n').map((raw) => raw.replace(/#.*$/, '').trim())) {
    const authority = /^access_id_CA\s+\S+\s+(?:'([^']*)'|"([^"]*)"|(\S+))/i.exec(line);
    if (authority !== null) {
      entries.push({ authority: authority[1] ?? authority[2] ?? authority[3] ?? '', subjects: [] });
      continue;
    }
    const subjects = /^cond_subjects\s+\S+\s+(.*)$/i.exec(line)?.[1]?.trim();
    if (subjects !== undefined) entries.at(-1)?.subjects.push(...patterns(subjects));
  }
  return entries;
}

/** Whether the policy lets `authority` sign `subject`, both as `/C=UK/…`. */
export function maySign(policy: readonly PolicyEntry[], authority: string, subject: string): boolean {
  return policy.some(
    (entry) => entry.authority === authority && entry.subjects.some((pattern) => matches(pattern, subject)),
  );
}

/** `'"/C=UK/*" "/C=IE/*"'`, or one without quotes. */
function patterns(text: string): string[] {
  const inner = /^'([\s\S]*)'$/.exec(text)?.[1] ?? text;
  return [...inner.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function matches(pattern: string, subject: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(subject.replaceAll(/\/(Email|E)=/gi, '/emailAddress='));
}
